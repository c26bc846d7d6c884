package org.veil4j.he.mlr.encoding;

import java.util.ArrayList;
import java.util.List;
import org.veil4j.he.ckks.CkksParameters;
import org.veil4j.he.mlr.clear.MlrAlgorithm;
import org.veil4j.he.mlr.clear.MlrSettings;
import org.veil4j.he.mlr.clear.SigmoidPolynomial;

/**
 * What an encoding is made for: the sizes of a training and what is run, without parameters.
 *
 * @param kind how numbers lie in slots
 * @param classes number of classes
 * @param features features of a row, without the constant one
 * @param rows training rows
 * @param settings a sigmoid algorithm
 * @param sigmoid its polynomial, of degree 1, 3, 5 or 7
 * @param boundLog2 log2 of what prepared and scaled columns are divided by
 * @param preconditionerLog2 log2 of what the inverse bound is divided by where it is a ciphertext of its own; else 0
 * @param mostWidth in the diagonal encoding, the widest that a row may be, a power of two
 * @param keepRotations whether rotated features stay in memory
 */
public record EncodingSpec(
        Encoding kind,
        int classes,
        int features,
        int rows,
        MlrSettings settings,
        SigmoidPolynomial sigmoid,
        int boundLog2,
        int preconditionerLog2,
        int mostWidth,
        boolean keepRotations) {
    /** Checks that the circuits can do this. */
    public EncodingSpec {
        if (settings.algorithm() == MlrAlgorithm.SOFTMAX_NAG) {
            throw new IllegalArgumentException(
                    "algorithm=" + settings.algorithm() + ": is for the clear only; use a sigmoid algorithm");
        }
        if (sigmoid.degree() > DiagonalEncoding.MAX_DEGREE) {
            throw new IllegalArgumentException("degree=" + sigmoid.degree() + ": must be at most "
                    + DiagonalEncoding.MAX_DEGREE + " in an encrypted run");
        }
    }

    /**
     * log2 of what the inverse bound is divided by so that no entry is above 1; 0 where it is no ciphertext of its own.
     *
     * @param x rows in scaled units
     * @param boundLog2 log2 of what their columns were divided by
     * @throws IllegalArgumentException if the largest entry leaves too few bits to the others, which share its ciphertext
     */
    public static int preconditionerLog2(Encoding kind, double[][] x, MlrSettings settings, int boundLog2) {
        return kind == Encoding.DIAGONAL ? 0 : RevolverEncoding.preconditionerLog2(x, settings, boundLog2);
    }

    /** The same with rows of another width at most, a power of two. */
    public EncodingSpec withMostWidth(int width) {
        return new EncodingSpec(
                kind, classes, features, rows, settings, sigmoid, boundLog2, preconditionerLog2, width, keepRotations);
    }

    /** The same with narrower rows, each half as wide as the one before; none unless the encoding is diagonal. */
    public List<EncodingSpec> narrower() {
        List<EncodingSpec> specs = new ArrayList<>();
        int width = Math.min(mostWidth, DiagonalLayout.powerOfTwo(features + 2 * classes));
        while (kind == Encoding.DIAGONAL && width / 2 >= 2 * DiagonalLayout.powerOfTwo(classes)) {
            width /= 2;
            specs.add(withMostWidth(width));
        }
        return specs;
    }

    /** Levels that an iteration takes. */
    public int iterationLevels() {
        return kind == Encoding.DIAGONAL
                ? DiagonalEncoding.iterationLevels(sigmoid.degree())
                : RevolverEncoding.iterationLevels(settings, sigmoid.degree());
    }

    /** Levels that the first iteration takes: fewer where all weights are zero. */
    public int firstLevels() {
        if (settings.startWeight() != 0) {
            return iterationLevels();
        }
        return kind == Encoding.DIAGONAL ? DiagonalEncoding.FIRST_LEVELS : RevolverEncoding.firstLevels(settings);
    }

    /**
     * The encoding under given parameters.
     *
     * @param firstLevel levels that the run takes up to its first refresh, or its end
     * @throws IllegalArgumentException if it does not fit a ciphertext, or the scale leaves too little precision
     */
    public MlrEncoding encoding(CkksParameters parameters, int firstLevel) {
        if (kind == Encoding.VOLLEY_REVOLVER) {
            boolean quadratic = RevolverEncoding.quadratic(settings);
            return new RevolverEncoding(
                    new RevolverLayout(parameters.slots(), classes, features + 1, rows, settings),
                    settings,
                    sigmoid,
                    Math.scalb(1.0, quadratic ? preconditionerLog2 : 2 * boundLog2),
                    boundLog2,
                    parameters.logScale(),
                    parameters.maxLevel());
        }
        double[] primes = new double[parameters.maxLevel() + 1];
        for (int i = 0; i < primes.length; i++) {
            primes[i] = parameters.rlwe().q().modulus(i).p();
        }
        return new DiagonalEncoding(
                new DiagonalLayout(parameters.slots(), classes, features + 1, rows, mostWidth, settings),
                settings,
                sigmoid,
                Math.scalb(1.0, 2 * boundLog2),
                parameters.logScale(),
                primes,
                firstLevel,
                keepRotations);
    }
}
