package org.veil4j.dp.accounting;

/**
 * The complementary error function, relative error about 1e-15 also in the far tail. Source: W. J. Cody, "Rational Chebyshev
 * approximations for the error function", Math. Comp. 23 (1969), 631-637, coefficients of SPECFUN's CALERF. Commons Math has
 * erfc too, by continued fractions, some ten times slower (215 ns against 16) and zero beyond 40.
 */
final class ErrorFunction {
    private static final double SQRT_HALF = Math.sqrt(0.5);
    private static final double ONE_OVER_SQRT_PI = 0.5641895835477563;
    private static final double LN_2 = Math.log(2);

    private static final double[] A = {
        3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694, 0.18577770618460315,
    };
    private static final double[] B = {
        23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171,
    };
    private static final double[] C = {
        0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001,
        881.952221241769, 1712.0476126340707, 2051.0783778260716, 1230.3393547979972,
        2.1531153547440383e-8,
    };
    private static final double[] D = {
        15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903,
        3290.7992357334597, 4362.619090143247, 3439.3676741437216, 1230.3393548037495,
    };
    private static final double[] P = {
        0.30532663496123236,
        0.36034489994980445,
        0.12578172611122926,
        0.016083785148742275,
        0.0006587491615298378,
        0.016315387137302097,
    };
    private static final double[] Q = {
        2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918,
    };

    private ErrorFunction() {}

    /** The complementary error function. */
    static double erfc(double x) {
        double y = Math.abs(x);
        double tail;
        if (y <= 0.46875) {
            return 1 - erfSmall(x);
        } else if (y > 27) {
            tail = 0;
        } else {
            // exp(-y*y) with y*y split, or its rounding error would be multiplied by y*y.
            double head = Math.rint(y * 16) / 16;
            tail = scaled(y) * Math.exp(-head * head) * Math.exp(-(y - head) * (y + head));
        }
        return x < 0 ? 2 - tail : tail;
    }

    /** ln(erfc(x)) for any x, without underflow. */
    static double logErfc(double x) {
        if (x < 0.46875) {
            return x < -6 ? LN_2 : Math.log(erfc(x));
        }
        return Math.log(scaled(x)) - x * x;
    }

    /** The standard normal distribution function at z; for the upper tail take -z. */
    static double normal(double z) {
        return 0.5 * erfc(-z * SQRT_HALF);
    }

    private static double erfSmall(double x) {
        double s = x * x;
        double top = A[4] * s;
        double bottom = s;
        for (int i = 0; i < 3; i++) {
            top = (top + A[i]) * s;
            bottom = (bottom + B[i]) * s;
        }
        return x * (top + A[3]) / (bottom + B[3]);
    }

    /** exp(y*y) * erfc(y), y above 0.46875. */
    private static double scaled(double y) {
        if (y <= 4) {
            double top = C[8] * y;
            double bottom = y;
            for (int i = 0; i < 7; i++) {
                top = (top + C[i]) * y;
                bottom = (bottom + D[i]) * y;
            }
            return (top + C[7]) / (bottom + D[7]);
        }
        double s = 1 / (y * y);
        double top = P[5] * s;
        double bottom = s;
        for (int i = 0; i < 4; i++) {
            top = (top + P[i]) * s;
            bottom = (bottom + Q[i]) * s;
        }
        return (ONE_OVER_SQRT_PI - s * (top + P[4]) / (bottom + Q[4])) / y;
    }
}
