package org.veil4j.he.circuit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.veil4j.he.ckks.CkksEncoder;
import org.veil4j.he.ckks.CkksEvaluator;
import org.veil4j.he.ring.RnsBasis;
import org.veil4j.he.ring.RnsPoly;
import org.veil4j.he.ring.ScalarMatrixProduct;
import org.veil4j.he.rlwe.Ciphertext;
import org.veil4j.he.rlwe.EncryptedTransform;
import org.veil4j.he.rlwe.HoistedTransform;
import org.veil4j.he.rlwe.KeySwitcher;
import org.veil4j.he.rlwe.LimbPool;
import org.veil4j.he.rlwe.RlweParameters;

/** The production interpretation: slots are ciphertexts, operations need evaluation keys only. */
public final class EncryptedAlgebra implements SlotAlgebra<Ciphertext> {
    private final RlweParameters parameters;
    private final CkksEvaluator evaluator;
    private final CkksEncoder encoder;
    private final HoistedTransform transforms;
    private final EncryptedTransform secretTransforms;
    private final PlaintextForm form;

    /** Interprets circuits with the given evaluator and its keys; prepared transforms are made for speed. */
    public EncryptedAlgebra(RlweParameters parameters, CkksEvaluator evaluator) {
        this(parameters, evaluator, PlaintextForm.RESIDUES);
    }

    /**
     * Interprets circuits with the given evaluator and its keys.
     *
     * @param form how prepared transforms keep their diagonals
     */
    public EncryptedAlgebra(RlweParameters parameters, CkksEvaluator evaluator, PlaintextForm form) {
        this.parameters = parameters;
        this.evaluator = evaluator;
        this.encoder = new CkksEncoder(parameters);
        KeySwitcher switcher = new KeySwitcher(parameters);
        this.transforms = new HoistedTransform(switcher);
        this.secretTransforms = new EncryptedTransform(switcher);
        this.form = form;
    }

    @Override
    public int slots() {
        return parameters.n() / 2;
    }

    @Override
    public int level(Ciphertext a) {
        return a.level();
    }

    @Override
    public double scale(Ciphertext a) {
        return a.scale();
    }

    @Override
    public double rescaledScale(int level, double scale) {
        return scale / parameters.q().modulus(level).p();
    }

    @Override
    public Ciphertext add(Ciphertext a, Ciphertext b) {
        return evaluator.add(a, b);
    }

    @Override
    public Ciphertext subtract(Ciphertext a, Ciphertext b) {
        return evaluator.sub(a, b);
    }

    @Override
    public Ciphertext negate(Ciphertext a) {
        return evaluator.negate(a);
    }

    @Override
    public Ciphertext addConstant(Ciphertext a, double value) {
        return evaluator.addConstant(a, value);
    }

    @Override
    public Ciphertext addConstantInPlace(Ciphertext a, double value) {
        return evaluator.addConstantInPlace(a, value);
    }

    @Override
    public Ciphertext multiplyScalar(Ciphertext a, double value, double weightScale) {
        return evaluator.multiplyScalar(a, value, weightScale);
    }

    @Override
    public PreparedPlain prepare(double[] values, int level, double scale) {
        return new EncodedPlain(encoder.encode(values, level, scale));
    }

    @Override
    public Ciphertext multiplyPlain(Ciphertext a, PreparedPlain plain) {
        return evaluator.multiplyPlain(a, PreparedPlain.require(EncodedPlain.class, plain, a.level()).plaintext);
    }

    @Override
    public Ciphertext addPlain(Ciphertext a, PreparedPlain plain) {
        return evaluator.addPlain(a, PreparedPlain.require(EncodedPlain.class, plain, a.level()).plaintext);
    }

    @Override
    public Ciphertext multiply(Ciphertext a, Ciphertext b) {
        return evaluator.multiply(a, b);
    }

    @Override
    public Ciphertext sumOfSquares(List<Ciphertext> a) {
        return evaluator.sumOfSquares(a.toArray(new Ciphertext[0]));
    }

    @Override
    public Ciphertext sumOfProducts(List<Ciphertext> a, List<Ciphertext> b) {
        return evaluator.sumOfProducts(a.toArray(new Ciphertext[0]), b.toArray(new Ciphertext[0]));
    }

    @Override
    public Ciphertext relinearize(Ciphertext a) {
        return a.degree() == 1 ? a : evaluator.relinearize(a);
    }

    @Override
    public Ciphertext rescale(Ciphertext a) {
        return evaluator.rescale(a);
    }

    @Override
    public Ciphertext relinearizeRescale(Ciphertext a, int levels) {
        return evaluator.relinearizeRescale(a, levels);
    }

    @Override
    public Ciphertext dropToLevel(Ciphertext a, int level) {
        return a.level() == level ? a : evaluator.dropLevel(a, level);
    }

    @Override
    public Ciphertext withScale(Ciphertext a, double scale) {
        return a.withScale(scale);
    }

    @Override
    public Ciphertext rotate(Ciphertext a, int steps) {
        return evaluator.rotate(a, steps);
    }

    @Override
    public List<Ciphertext> rotateAll(Ciphertext a, int[] steps) {
        return Arrays.asList(evaluator.rotateAll(a, steps));
    }

    @Override
    public Ciphertext conjugate(Ciphertext a) {
        return evaluator.conjugate(a);
    }

    @Override
    public void release(Ciphertext a) {
        a.release();
    }

    @Override
    public List<Ciphertext> linearMap(SparseMatrix matrix, double[] weightScale, List<Ciphertext> a) {
        for (Ciphertext x : a) {
            parameters.requireSame("ciphertext", x.parameters());
        }
        double scale =
                Scalars.productScale(matrix, weightScale, a, Ciphertext::level, Ciphertext::degree, Ciphertext::scale);
        ScalarMatrixProduct product = new ScalarMatrixProduct(Scalars.round(matrix, weightScale));
        RnsBasis basis = parameters.q().prefix(a.get(0).level() + 1);
        int parts = a.get(0).degree() + 1;
        LimbPool pool = LimbPool.of(basis.n());
        RnsPoly[][] out = new RnsPoly[matrix.rows()][parts];
        RnsPoly[] in = new RnsPoly[matrix.columns()];
        RnsPoly[] result = new RnsPoly[matrix.rows()];
        for (int part = 0; part < parts; part++) {
            for (int c = 0; c < in.length; c++) {
                in[c] = a.get(c).part(part);
            }
            for (int r = 0; r < result.length; r++) {
                result[r] = RnsPoly.wrap(basis, pool.take(basis.size()), true);
                out[r][part] = result[r];
            }
            product.multiply(in, result);
        }
        List<Ciphertext> ciphertexts = new ArrayList<>(out.length);
        for (RnsPoly[] polys : out) {
            ciphertexts.add(new Ciphertext(parameters, polys, scale, null));
        }
        return ciphertexts;
    }

    @Override
    public PreparedTransform<Ciphertext> prepare(
            LinearTransform transform, int level, double[] inputScales, double resultScale) {
        double[] scales = inputScales.clone();
        PreparedTransform<Ciphertext> prepared = HoistedPrepared.of(
                parameters,
                transforms,
                evaluator.keys(),
                encoder,
                transform,
                level,
                ComposedTransform.weightScales(this, level, inputScales, resultScale),
                resultScale,
                form);
        return inputs -> {
            ComposedTransform.requireInputs(this, inputs, level, scales);
            return prepared.apply(inputs);
        };
    }

    @Override
    public PreparedTransform<Ciphertext> prepare(
            SecretTransform transform, int level, double[] inputScales, double resultScale) {
        return new EncryptedPrepared(secretTransforms, evaluator.keys(), transform, resultScale);
    }

    @Override
    public Ciphertext addSecret(Ciphertext a, SecretVector vector) {
        Ciphertext b = vector.ciphertext();
        if (b.level() != a.level()) {
            throw new IllegalArgumentException("vector.level=" + b.level() + ": must be " + a.level()
                    + ", the value's; encrypt it for where it is added");
        }
        return evaluator.add(a, b);
    }
}
