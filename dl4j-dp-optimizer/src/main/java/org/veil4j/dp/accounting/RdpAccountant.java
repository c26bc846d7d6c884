package org.veil4j.dp.accounting;

import java.util.Arrays;

/**
 * Adds up Renyi differential privacy: steps of any parameters, one after another, each free to depend on what came before.
 * Immutable. The guarantee holds for adding or removing one example under Poisson sampling.
 *
 * <p>Conversion: epsilon = least over the orders a of RDP(a) + ln((a-1)/a) - (ln delta + ln a)/(a-1). Sources: Balle et al.,
 * "Hypothesis testing interpretations and Renyi differential privacy", AISTATS 2020; Canonne, Kamath, Steinke, "The discrete
 * Gaussian for differential privacy", NeurIPS 2020, proposition 12.
 */
public final class RdpAccountant {
    private static final double[] DEFAULT_ORDERS = defaultOrders();

    private final double[] orders;
    private final double[] rdp;
    private final long steps;

    private RdpAccountant(double[] orders, double[] rdp, long steps) {
        this.orders = orders;
        this.rdp = rdp;
        this.steps = steps;
    }

    /** No steps so far; the orders 1.1, 1.2, ..., 10.9, 12, 13, ..., 63, 128, 256, 512, 1024. */
    public static RdpAccountant start() {
        return new RdpAccountant(DEFAULT_ORDERS, new double[DEFAULT_ORDERS.length], 0);
    }

    /**
     * No steps so far; the given orders. Any set of orders gives a valid guarantee, more orders a better one.
     *
     * @param orders at least one, each as {@link SampledGaussianRdp#at} takes it
     * @throws IllegalArgumentException if there is none or one is out of range
     */
    public static RdpAccountant startWith(double... orders) {
        if (orders.length == 0) {
            throw new IllegalArgumentException("orders=[]: must not be empty; use start() for the usual ones");
        }
        SampledGaussian any = new SampledGaussian(1, 1);
        for (double order : orders) {
            SampledGaussianRdp.at(any, order);
        }
        return new RdpAccountant(orders.clone(), new double[orders.length], 0);
    }

    /** The usual orders with some steps. Same as {@code start().then(mechanism, steps)}. */
    public static RdpAccountant of(SampledGaussian mechanism, long steps) {
        return start().then(mechanism, steps);
    }

    /**
     * This sequence, followed by more steps. Cost: about a millisecond with the usual orders, whatever the number of steps.
     *
     * @param mechanism each of the steps
     * @param count number of steps, at least 0
     * @throws IllegalArgumentException if the count is negative, or the steps exceed the range of a long
     */
    public RdpAccountant then(SampledGaussian mechanism, long count) {
        Arguments.steps(count);
        if (count > Long.MAX_VALUE - steps) {
            throw new IllegalArgumentException("steps=" + count + ": too many together with the " + steps + " before");
        }
        if (count == 0) {
            return this;
        }
        double[] sum = rdp.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += count * SampledGaussianRdp.at(mechanism, orders[i]);
        }
        return new RdpAccountant(orders, sum, steps + count);
    }

    /** Steps so far. */
    public long steps() {
        return steps;
    }

    /** The orders in use. */
    public double[] orders() {
        return orders.clone();
    }

    /** The divergence of all steps at each of {@link #orders()}. */
    public double[] rdp() {
        return rdp.clone();
    }

    /**
     * The guarantee at a failure probability.
     *
     * @param delta in (0, 1)
     * @return epsilon: 0 without steps, infinite where a step had no noise
     * @throws IllegalArgumentException if delta is out of range
     */
    public RdpEpsilon epsilon(double delta) {
        Arguments.delta(delta);
        double best = Double.POSITIVE_INFINITY;
        double order = Double.NaN;
        for (int i = 0; i < orders.length; i++) {
            double a = orders[i];
            double epsilon = rdp[i] + Math.log1p(-1 / a) - (Math.log(delta) + Math.log(a)) / (a - 1);
            if (epsilon < best) {
                best = epsilon;
                order = a;
            }
        }
        return new RdpEpsilon(steps == 0 ? 0 : Math.max(0, best), order);
    }

    private static double[] defaultOrders() {
        double[] orders = new double[99 + 52 + 4];
        int n = 0;
        for (int tenths = 11; tenths < 110; tenths++) {
            orders[n++] = tenths / 10.0;
        }
        for (int order = 12; order <= 63; order++) {
            orders[n++] = order;
        }
        for (int order = 128; order <= 1024; order *= 2) {
            orders[n++] = order;
        }
        return Arrays.copyOf(orders, n);
    }
}
