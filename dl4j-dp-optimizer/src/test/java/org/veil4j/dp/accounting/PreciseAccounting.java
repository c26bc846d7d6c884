package org.veil4j.dp.accounting;

import java.math.BigDecimal;
import java.math.MathContext;

/**
 * Renyi divergence of the sampled Gaussian in decimal numbers of sixty digits: the binomial sum at integer orders, the
 * trapezium rule at all others. Shares nothing with the code under test, not even the precision.
 */
final class PreciseAccounting {
    private static final MathContext DIGITS = new MathContext(60);
    private static final BigDecimal ONE = BigDecimal.ONE;
    private static final BigDecimal TWO = BigDecimal.valueOf(2);
    /** Of the noise: what lies beyond is below 1e-40. */
    private static final int REACH = 14;
    /** Points in a standard deviation: the rule's error falls exponentially with it. */
    private static final int FINENESS = 8;

    private final BigDecimal q;
    private final BigDecimal variance;
    private final double s;

    /** Of decimal numbers as they are written, not of the doubles next to them. */
    PreciseAccounting(String q, String s) {
        this.q = new BigDecimal(q);
        this.variance = new BigDecimal(s).pow(2);
        this.s = Double.parseDouble(s);
    }

    /** At an integer order: the sum over k of C(a, k) (1 - q)^(a - k) q^k exp(k (k - 1) / (2 s^2)). */
    double rdp(int order) {
        BigDecimal sum = BigDecimal.ZERO;
        BigDecimal binomial = ONE;
        for (int k = 0; k <= order; k++) {
            BigDecimal exponent = BigDecimal.valueOf((long) k * (k - 1)).divide(TWO.multiply(variance), DIGITS);
            sum = sum.add(
                    binomial.multiply(ONE.subtract(q).pow(order - k), DIGITS)
                            .multiply(q.pow(k), DIGITS)
                            .multiply(exp(exponent), DIGITS),
                    DIGITS);
            binomial = binomial.multiply(BigDecimal.valueOf(order - k)).divide(BigDecimal.valueOf(k + 1), DIGITS);
        }
        return log(sum).divide(BigDecimal.valueOf(order - 1), DIGITS).doubleValue();
    }

    /** At any order: the mean of ((1 - q) + q exp((2 z - 1) / (2 s^2)))^a over z of the noise, by quadrature. */
    double rdp(String order) {
        BigDecimal a = new BigDecimal(order);
        BigDecimal spacing = BigDecimal.valueOf(s / FINENESS);
        int below = REACH * FINENESS;
        int above = below + (int) Math.ceil(a.doubleValue() / s * FINENESS);
        BigDecimal moment = BigDecimal.ZERO;
        BigDecimal mass = BigDecimal.ZERO;
        for (int i = -below; i <= above; i++) {
            BigDecimal z = spacing.multiply(BigDecimal.valueOf(i));
            BigDecimal density = exp(z.pow(2).negate().divide(TWO.multiply(variance), DIGITS));
            BigDecimal shifted = exp(TWO.multiply(z).subtract(ONE).divide(TWO.multiply(variance), DIGITS));
            BigDecimal ratio = ONE.subtract(q).add(q.multiply(shifted, DIGITS));
            moment = moment.add(density.multiply(exp(a.multiply(log(ratio), DIGITS)), DIGITS), DIGITS);
            mass = mass.add(density, DIGITS);
        }
        return log(moment.divide(mass, DIGITS)).divide(a.subtract(ONE), DIGITS).doubleValue();
    }

    /** Halves the argument until the series is short, and squares back. */
    private static BigDecimal exp(BigDecimal x) {
        MathContext more = new MathContext(DIGITS.getPrecision() + 20);
        int halvings = 8 + Math.max(0, (int) Math.ceil(Math.log(1 + Math.abs(x.doubleValue())) / Math.log(2)));
        BigDecimal small = x.divide(TWO.pow(halvings), more);
        BigDecimal term = ONE;
        BigDecimal sum = ONE;
        for (int n = 1; n <= 40; n++) {
            term = term.multiply(small, more).divide(BigDecimal.valueOf(n), more);
            sum = sum.add(term, more);
        }
        for (int i = 0; i < halvings; i++) {
            sum = sum.multiply(sum, more);
        }
        return sum.round(DIGITS);
    }

    /** Halley's iteration, which triples the digits, from the double's logarithm. */
    private static BigDecimal log(BigDecimal x) {
        int shift = x.precision() - x.scale();
        BigDecimal scaled = x.scaleByPowerOfTen(-shift);
        BigDecimal y = new BigDecimal(Math.log(scaled.doubleValue()) + shift * Math.log(10));
        for (int i = 0; i < 3; i++) {
            BigDecimal power = exp(y);
            y = y.add(TWO.multiply(x.subtract(power)).divide(x.add(power), DIGITS), DIGITS);
        }
        return y;
    }
}
