package org.veil4j.dp.accounting;

import org.jspecify.annotations.Nullable;

/**
 * Composition by Fourier transform, both directions at once: one direction is the real, the other the imaginary part of one
 * complex sequence. Starts with no steps; takes tilted steps one kind after another. Not thread-safe; the arrays are large.
 */
final class TiltedSpectrum {
    /** Powers below e to this are zero. */
    private static final double LN_NOTHING = -90;

    private final LossWindow window;
    private final FourierTransform transform;
    /**
     * The product of all steps so far, null before the first: of the two places of a frequency and its negative the lower one has
     * the spectrum of direction 0, the other one that of direction 1. Where both places are one, both spectra are real.
     */
    private double @Nullable [] productRe;

    private double @Nullable [] productIm;
    private double steps;
    private LossTotal removed = LossTotal.NONE;
    private LossTotal added = LossTotal.NONE;
    private final Power power = new Power();

    TiltedSpectrum(LossWindow window) {
        this.window = window;
        transform = new FourierTransform(window.size());
    }

    /** Appends steps. */
    void append(StepLoss step, long count) {
        double[] re = new double[window.size()];
        double[] im = new double[window.size()];
        steps += count;
        removed = removed.plus(TiltedStep.place(step, window, true, re), count);
        added = added.plus(TiltedStep.place(step, window, false, im), count);
        transform.forward(re, im);
        raise(re, im, count);
        if (productRe == null || productIm == null) {
            productRe = re;
            productIm = im;
        } else {
            multiply(productRe, productIm, re, im);
        }
    }

    /** The composition of all steps: direction 0 an example removed, direction 1 an example added. Spends this object. */
    ComposedLoss[] compose() {
        double[] re = productRe;
        double[] im = productIm;
        if (re == null || im == null) {
            throw new IllegalStateException("steps=0: nothing to compose; append steps first");
        }
        for (int at = 2; at < re.length; at++) {
            int mirror = FourierTransform.mirror(at);
            if (mirror > at) {
                double evenRe = re[at];
                double evenIm = im[at];
                double oddRe = re[mirror];
                double oddIm = im[mirror];
                re[mirror] = evenRe + oddIm;
                im[mirror] = oddRe - evenIm;
                re[at] = evenRe - oddIm;
                im[at] = evenIm + oddRe;
            }
        }
        transform.inverse(re, im);
        return new ComposedLoss[] {
            new ComposedLoss(window, re, steps, removed), new ComposedLoss(window, im, steps, added),
        };
    }

    /** Takes both directions' spectra apart and raises them to a power. */
    private void raise(double[] re, double[] im, long count) {
        power.exponent(count);
        // Frequencies 0 and n/2, whose negatives they are themselves.
        for (int at = 0; at < 2; at++) {
            power.of(re[at], 0);
            double first = power.re;
            power.of(im[at], 0);
            re[at] = first;
            im[at] = power.re;
        }
        for (int at = 2; at < re.length; at++) {
            int mirror = FourierTransform.mirror(at);
            if (mirror > at) {
                double evenRe = 0.5 * (re[at] + re[mirror]);
                double evenIm = 0.5 * (im[at] - im[mirror]);
                double oddRe = 0.5 * (im[at] + im[mirror]);
                double oddIm = 0.5 * (re[mirror] - re[at]);
                power.of(evenRe, evenIm);
                re[at] = power.re;
                im[at] = power.im;
                power.of(oddRe, oddIm);
                re[mirror] = power.re;
                im[mirror] = power.im;
            }
        }
    }

    private static void multiply(double[] outRe, double[] outIm, double[] re, double[] im) {
        for (int at = 0; at < outRe.length; at++) {
            if (at < 2) {
                outRe[at] *= re[at];
                outIm[at] *= im[at];
            } else {
                double r = outRe[at] * re[at] - outIm[at] * im[at];
                outIm[at] = outRe[at] * im[at] + outIm[at] * re[at];
                outRe[at] = r;
            }
        }
    }

    /** Powers of complex numbers of modulus at most 1, to a fixed exponent. */
    private static final class Power {
        private double exponent;
        private boolean odd;
        private double nothing;
        double re;
        double im;

        void exponent(long count) {
            exponent = count;
            odd = (count & 1) != 0;
            nothing = Math.exp(2 * LN_NOTHING / count);
        }

        /** Leaves the power of x + iy in {@code re} and {@code im}. */
        void of(double x, double y) {
            double squared = x * x + y * y;
            if (!(squared > nothing)) {
                re = 0;
                im = 0;
            } else if (exponent == 1) {
                re = x;
                im = y;
            } else {
                double size = Math.exp(exponent * 0.5 * Math.log(squared));
                if (y == 0) {
                    re = x < 0 && odd ? -size : size;
                    im = 0;
                } else {
                    double angle = exponent * Math.atan2(y, x);
                    re = size * Math.cos(angle);
                    im = size * Math.sin(angle);
                }
            }
        }
    }
}
