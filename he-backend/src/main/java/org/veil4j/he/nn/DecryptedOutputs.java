package org.veil4j.he.nn;

import java.util.Arrays;
import java.util.List;

/**
 * What encrypted results decrypt to. Raw values carry noise that depends on the secret key: they are for the key's owner alone,
 * who passes on what {@link #forPublication} gives (see SECURITY.md). No content in toString.
 */
public final class DecryptedOutputs {
    private final ClientSpec spec;
    private final double[][] rows;
    private final double noise;

    /**
     * Takes the rows over.
     *
     * @param noise largest imaginary part of any slot: values are real, so it is noise alone, like that of the values
     */
    DecryptedOutputs(ClientSpec spec, double[][] rows, double noise) {
        this.spec = spec;
        this.rows = rows;
        this.noise = noise;
    }

    /** Batch after batch, as noisy as the noisiest. */
    static DecryptedOutputs joined(ClientSpec spec, List<DecryptedOutputs> batches) {
        return new DecryptedOutputs(
                spec,
                batches.stream().flatMap(b -> Arrays.stream(b.rows)).toArray(double[][]::new),
                batches.stream().mapToDouble(b -> b.noise).max().orElse(0));
    }

    /** One row of outputs an image, with their noise. Not a copy. */
    public double[][] raw() {
        return rows;
    }

    /**
     * The outputs to be passed on: a copy, rounded to multiples of 2^-bits that are at least eight times as large as the error
     * which the specification tells and as the noise which the results themselves have. Next to nothing of the key-dependent
     * noise is left, even where the specification does not tell the truth.
     *
     * @throws IllegalStateException if the precision is unknown, or too low for whole numbers
     */
    public PublishedOutputs forPublication() {
        spec.requirePublishable();
        int bits = Math.min(spec.publishableBits(), ClientSpec.publishableBits(-Math.log(noise) / Math.log(2)));
        if (bits < 0) {
            throw new IllegalStateException("noise=" + noise + ": the results are too noisy to be published; the"
                    + " evaluation keys are not this client's, or values have wrapped around");
        }
        double[][] rounded = new double[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            rounded[i] = new double[rows[i].length];
            for (int o = 0; o < rows[i].length; o++) {
                rounded[i][o] = Math.scalb(Math.rint(Math.scalb(rows[i][o], bits)), -bits) + 0.0;
            }
        }
        return new PublishedOutputs(rounded, bits);
    }

    @Override
    public String toString() {
        return "DecryptedOutputs[" + rows.length + " images]";
    }
}
