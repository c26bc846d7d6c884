package org.veil4j.dp.accounting;

import java.util.Arrays;

/**
 * Composition by Fourier transform, both directions at once: one direction is the real, the other the imaginary part of one
 * complex sequence. Starts with no steps; takes tilted steps one kind after another. Not thread-safe; the arrays are large.
 */
final class TiltedSpectrum {
    /** Powers below e to this are zero. */
    private static final double LN_NOTHING = -90;

    private final LossWindow window;
    private final FourierTransform transform;
    private final double[] re;
    private final double[] im;
    /** Half spectra of both directions, frequencies 0 to size/2, as the products of all steps so far. */
    private final double[][] productRe;

    private final double[][] productIm;
    private final double[] cumulant = new double[2];
    private final double[] finite = new double[2];
    private final double[] outside = new double[2];

    TiltedSpectrum(LossWindow window) {
        this.window = window;
        int n = window.size();
        transform = new FourierTransform(n);
        re = new double[n];
        im = new double[n];
        productRe = new double[2][n / 2 + 1];
        productIm = new double[2][n / 2 + 1];
        Arrays.fill(productRe[0], 1);
        Arrays.fill(productRe[1], 1);
    }

    /** Appends steps. */
    void append(StepLoss step, long count) {
        Arrays.fill(re, 0);
        Arrays.fill(im, 0);
        cumulant[0] += count * tilt(step.removed, step.first(), 1, re);
        cumulant[1] += count * tilt(step.added, -step.first(), -1, im);
        finite[0] += count * Math.log1p(-step.removedInfinity());
        finite[1] += count * Math.log1p(-step.addedInfinity());
        outside[0] += count * step.removedOutside();
        outside[1] += count * step.addedOutside();
        transform.forward(re, im);
        int n = re.length;
        for (int k = 0; k <= n / 2; k++) {
            int mirror = (n - k) & (n - 1);
            double evenRe = 0.5 * (re[k] + re[mirror]);
            double evenIm = 0.5 * (im[k] - im[mirror]);
            double oddRe = 0.5 * (im[k] + im[mirror]);
            double oddIm = 0.5 * (re[mirror] - re[k]);
            multiply(0, k, evenRe, evenIm, count);
            multiply(1, k, oddRe, oddIm, count);
        }
    }

    /** The composition of all steps: direction 0 an example removed, direction 1 an example added. Spends this object. */
    ComposedLoss[] compose(MomentCurve curve, double steps) {
        int n = re.length;
        for (int k = 0; k <= n / 2; k++) {
            int mirror = (n - k) & (n - 1);
            double evenRe = productRe[0][k];
            double evenIm = productIm[0][k];
            double oddRe = productRe[1][k];
            double oddIm = productIm[1][k];
            re[mirror] = evenRe + oddIm;
            im[mirror] = oddRe - evenIm;
            re[k] = evenRe - oddIm;
            im[k] = evenIm + oddRe;
        }
        transform.inverse(re, im);
        return new ComposedLoss[] {
            new ComposedLoss(curve, window, re, steps, cumulant[0], -Math.expm1(finite[0]), outside[0]),
            new ComposedLoss(curve, window, im, steps, cumulant[1], -Math.expm1(finite[1]), outside[1]),
        };
    }

    /** Multiplies a product by (x + iy)^count. */
    private void multiply(int direction, int k, double x, double y, long count) {
        double[] outRe = productRe[direction];
        double[] outIm = productIm[direction];
        double logSize = count * 0.5 * Math.log(x * x + y * y);
        if (!(logSize > LN_NOTHING)) {
            outRe[k] = 0;
            outIm[k] = 0;
            return;
        }
        double a = x;
        double b = y;
        if (count > 1) {
            double size = Math.exp(logSize);
            double angle = count * Math.atan2(y, x);
            a = size * Math.cos(angle);
            b = size * Math.sin(angle);
        }
        double r = outRe[k] * a - outIm[k] * b;
        outIm[k] = outRe[k] * b + outIm[k] * a;
        outRe[k] = r;
    }

    /**
     * Puts probabilities times exp(tilt * loss), normalised, at their places modulo the window's size.
     *
     * @return the logarithm of their sum before they are normalised
     */
    private double tilt(double[] probability, long first, int direction, double[] out) {
        double step = direction * window.tilt() * window.spacing();
        double start = window.tilt() * window.spacing() * first;
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < probability.length; i++) {
            if (probability[i] > 0) {
                largest = Math.max(largest, Math.log(probability[i]) + start + step * i);
            }
        }
        int mask = out.length - 1;
        double sum = 0;
        for (int i = 0; i < probability.length; i++) {
            if (probability[i] > 0) {
                double value = probability[i] * Math.exp(start + step * i - largest);
                sum += value;
                out[(int) (first + (long) direction * i) & mask] += value;
            }
        }
        for (int i = 0; i < out.length; i++) {
            out[i] /= sum;
        }
        return largest + Math.log(sum);
    }
}
