package org.veil4j.layers.norm;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.veil4j.layers.activation.FusedActivation;
import org.veil4j.layers.kernel.Elements;

/** Group normalisation, one example at a time. Statistics stay from the forward pass for the backward pass. */
final class GroupNormalizationImpl extends ExampleNormalizationImpl<GroupNormalization> {
    private static final long serialVersionUID = 1L;

    /** Of each example and group. */
    private double[] mean = new double[0];

    private double[] inverse = new double[0];

    GroupNormalizationImpl(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    @Override
    void normalise(Elements e, Extent x, FusedActivation f, boolean training, boolean again) {
        int groups = layerConf().getGroups();
        int perGroup = x.channels() / groups;
        int positions = x.positions();
        int members = perGroup * positions;
        double eps = layerConf().getEps();
        mean = sized(mean, x.examples() * groups);
        inverse = sized(inverse, x.examples() * groups);
        for (int n = 0; n < x.examples(); n++) {
            e.loadValues(n * x.size(), x.size());
            for (int g = 0; g < groups; g++) {
                double m = e.sum(g * members, members) / members;
                double r = 1 / Math.sqrt(e.squares(g * members, members, m) / members + eps);
                mean[n * groups + g] = m;
                inverse[n * groups + g] = r;
                for (int c = g * perGroup; c < (g + 1) * perGroup; c++) {
                    double scale = gamma[c] * r;
                    f.forward(e, c * positions, positions, scale, beta[c] - m * scale);
                }
            }
            e.storeValues(n * x.size(), x.size());
        }
    }

    /**
     * With h = (x - mean) * r and d the gradient of f's input: gradients of gamma and beta are sum(d h) and sum(d), and of x
     * {@code r * (gamma d - mean(gamma d) - h mean(gamma d h))}, means over the group.
     */
    @Override
    void differentiate(Elements e, Extent x, FusedActivation f) {
        int groups = layerConf().getGroups();
        int perGroup = x.channels() / groups;
        int positions = x.positions();
        int members = perGroup * positions;
        for (int n = 0; n < x.examples(); n++) {
            e.loadValues(n * x.size(), x.size());
            e.loadGradients(n * x.size(), x.size());
            for (int g = 0; g < groups; g++) {
                double m = mean[n * groups + g];
                double r = inverse[n * groups + g];
                double plain = 0;
                double weighted = 0;
                for (int c = g * perGroup; c < (g + 1) * perGroup; c++) {
                    double scale = gamma[c] * r;
                    f.backward(e, c * positions, positions, scale, beta[c] - m * scale);
                    double betaPart = e.sumGradients(c * positions, positions);
                    double gammaPart = e.dot(c * positions, positions, m) * r;
                    add(n, c, x.channels(), gammaPart, betaPart);
                    plain += gamma[c] * betaPart;
                    weighted += gamma[c] * gammaPart;
                }
                double k1 = -r * r * weighted / members;
                double k2 = -r * plain / members - k1 * m;
                for (int c = g * perGroup; c < (g + 1) * perGroup; c++) {
                    e.combine(c * positions, positions, gamma[c] * r, k1, k2);
                }
            }
            e.storeGradients(n * x.size(), x.size());
        }
    }
}
