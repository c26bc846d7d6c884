package org.veil4j.he.nn.graph;

import java.util.ArrayList;
import java.util.List;
import org.veil4j.he.circuit.SparseMatrix;

/**
 * An affine function of tensors that are there already: {@code sum over i of matrices[i] * tensor(sources[i]) + bias}. What
 * lies between two activations of a network is one such function: linear layers are multiplied out, additions added up.
 *
 * @param sources numbers of the tensors read; what they mean is the planner's affair
 * @param matrices one a source
 * @param bias one number an element of the result
 * @param label the layers that it stands for, joined by "+"; empty for none
 */
public record Affine(int[] sources, SparseMatrix[] matrices, double[] bias, String label) {
    /** Each element of a tensor times a factor, plus a shift. */
    public static Affine of(int source, double[] factor, double[] shift) {
        return new Affine(new int[] {source}, new SparseMatrix[] {SparseMatrix.diagonal(factor)}, shift, "");
    }

    /** A tensor of the given size as it is. */
    public static Affine identity(int source, int size) {
        return new Affine(new int[] {source}, new SparseMatrix[] {SparseMatrix.identity(size)}, new double[size], "");
    }

    /** First this function, then a layer's. */
    public Affine then(AffineMap layer, String name) {
        SparseMatrix[] products = new SparseMatrix[matrices.length];
        for (int i = 0; i < products.length; i++) {
            products[i] = layer.matrix().multiply(matrices[i]);
        }
        double[] b = layer.matrix().multiply(bias);
        for (int i = 0; i < b.length; i++) {
            b[i] += layer.bias()[i];
        }
        return new Affine(sources, products, b, join(label, name));
    }

    /** The sum of functions with results of one size; a tensor that several read is read once. */
    public static Affine sum(List<Affine> terms, String label) {
        List<Integer> sources = new ArrayList<>();
        List<SparseMatrix> matrices = new ArrayList<>();
        double[] bias = new double[terms.get(0).bias.length];
        for (Affine x : terms) {
            for (int i = 0; i < x.sources.length; i++) {
                int known = sources.indexOf(x.sources[i]);
                if (known < 0) {
                    sources.add(x.sources[i]);
                    matrices.add(x.matrices[i]);
                } else {
                    matrices.set(known, matrices.get(known).add(x.matrices[i]));
                }
            }
            for (int k = 0; k < bias.length; k++) {
                bias[k] += x.bias[k];
            }
        }
        return new Affine(
                sources.stream().mapToInt(Integer::intValue).toArray(),
                matrices.toArray(new SparseMatrix[0]),
                bias,
                label);
    }

    /** One matrix over the elements of all sources, in their order. */
    public SparseMatrix matrix() {
        SparseMatrix matrix = matrices[0];
        for (int i = 1; i < matrices.length; i++) {
            matrix = matrix.beside(matrices[i]);
        }
        return matrix;
    }

    /** Names of layers that follow each other. */
    public static String join(String a, String b) {
        return a.isEmpty() ? b : a + "+" + b;
    }
}
