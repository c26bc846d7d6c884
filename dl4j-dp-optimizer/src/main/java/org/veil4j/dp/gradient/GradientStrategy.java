package org.veil4j.dp.gradient;

/** How a convolution's per-example norms and clipped sum are computed. Both are exact; they differ in cost. */
public enum GradientStrategy {
    /**
     * Each example's gradient is computed and kept until the clipped sum: patches times output gradients, one matrix
     * product an example. Memory: one gradient an example.
     */
    MATERIALISED,
    /**
     * Norms come from Gram matrices: {@code ||sum_t d_t p_t^T||^2 = sum_{t,t'} <d_t, d_t'> <p_t, p_t'>} over output
     * pixels t with output gradients d_t and patches p_t, in double; an example whose terms cancel is materialised. The
     * clipped sum is one ordinary weight gradient of output gradients scaled by the factors. Memory: a copy of the
     * layer's input and output gradient. Cheaper for small images with many channels. (Goodfellow 2015 for dense layers; Rochette et al. 2019, Bu et al. 2022 for
     * convolutions.)
     */
    GHOST;

    /*
     * Nanoseconds of one core in float, fitted to ND4J's operations on Zen 4. Only ratios matter, and only near the
     * break-even point.
     */
    private static final double PATCH_ELEMENT = 0.8;
    private static final double GRADIENT_ELEMENT = 0.8;
    private static final double BOX_ELEMENT = 0.5;
    private static final double GRAM_ELEMENT = 2.0;
    private static final double COPY_ELEMENT = 3.0;
    private static final double CONVOLUTION = 1 / 45.0;

    /** A small matrix product with this many rows makes 45 r / (r + 45) multiply-adds of floats a nanosecond: 7 for 8, 35 for 150. */
    private static final double PRODUCT_PEAK = 45;

    /** Gram matrices are products of doubles. */
    private static final double DOUBLES = 2;

    private static final double PRODUCT_HALF_ROWS = 45;

    /**
     * The cheaper strategy for a convolution, by a model of the work for one example: patch copies, matrix products and passes
     * over the gradients on one side; Gram matrices, their box sums, copies and the weight gradient on the other. For kernels
     * with strides or dilation the ghost path would compute the gradients after all, so that they are materialised.
     *
     * @param g the convolution
     * @return the strategy with the lower estimated time
     */
    public static GradientStrategy forConvolution(ConvolutionGeometry g) {
        return g.isDense() && ghostNanos(g) < materialisedNanos(g) ? GHOST : MATERIALISED;
    }

    static double materialisedNanos(ConvolutionGeometry g) {
        double patches = g.isPointwise() ? 0 : (double) g.patch() * g.positions();
        return patches * PATCH_ELEMENT
                + product(g.outChannels(), g.patch(), g.positions())
                + (double) g.weights() * GRADIENT_ELEMENT;
    }

    static double ghostNanos(ConvolutionGeometry g) {
        double t = g.positions();
        double pixels = (double) g.paddedH() * g.paddedW();
        double boxes = pixels * (g.paddedH() * g.outW() * g.kernelW() + t * g.kernelH());
        double copies = t * g.outChannels() + pixels * g.inChannels();
        return DOUBLES * product(t, t, g.outChannels())
                + DOUBLES * product(pixels, pixels, g.inChannels())
                + boxes * BOX_ELEMENT
                + (pixels * pixels + t * t) * GRAM_ELEMENT
                + copies * COPY_ELEMENT
                + (double) g.weights() * t * CONVOLUTION;
    }

    private static double product(double rows, double columns, double terms) {
        return rows * columns * terms * (rows + PRODUCT_HALF_ROWS) / (PRODUCT_PEAK * rows);
    }
}
