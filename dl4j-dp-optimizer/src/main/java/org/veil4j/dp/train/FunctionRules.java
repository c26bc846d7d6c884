package org.veil4j.dp.train;

import java.util.List;
import java.util.Set;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationRReLU;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossCosineProximity;
import org.nd4j.linalg.lossfunctions.impl.LossFMeasure;
import org.nd4j.linalg.lossfunctions.impl.LossHinge;
import org.nd4j.linalg.lossfunctions.impl.LossKLD;
import org.nd4j.linalg.lossfunctions.impl.LossL1;
import org.nd4j.linalg.lossfunctions.impl.LossL2;
import org.nd4j.linalg.lossfunctions.impl.LossMAE;
import org.nd4j.linalg.lossfunctions.impl.LossMAPE;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;
import org.nd4j.linalg.lossfunctions.impl.LossMSLE;
import org.nd4j.linalg.lossfunctions.impl.LossNegativeLogLikelihood;
import org.nd4j.linalg.lossfunctions.impl.LossPoisson;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossSquaredHinge;
import org.veil4j.dp.gradient.ExampleWise;

/** Which activation and loss functions treat each example by itself. */
final class FunctionRules {
    private static final Set<Class<?>> LOSSES = Set.of(
            LossBinaryXENT.class,
            LossCosineProximity.class,
            LossHinge.class,
            LossKLD.class,
            LossL1.class,
            LossL2.class,
            LossMAE.class,
            LossMAPE.class,
            LossMCXENT.class,
            LossMSE.class,
            LossMSLE.class,
            LossNegativeLogLikelihood.class,
            LossPoisson.class,
            LossSparseMCXENT.class,
            LossSquaredHinge.class);

    private static final String ND4J_ACTIVATIONS = ActivationRReLU.class.getPackageName();

    private FunctionRules() {}

    static void activation(List<DpCompatibility.Problem> problems, String where, IActivation activation) {
        if (activation.getClass() == ActivationRReLU.class) {
            problems.add(new DpCompatibility.Problem(
                    where, "ActivationRReLU is random, and its gradient would be another one", "use ActivationLReLU"));
        } else {
            inTestMode(problems, where, activation);
        }
    }

    /** Chance is out of question in test mode. */
    static void inTestMode(List<DpCompatibility.Problem> problems, String where, IActivation activation) {
        Class<?> kind = activation.getClass();
        if (!kind.getPackageName().equals(ND4J_ACTIVATIONS) && !(activation instanceof ExampleWise)) {
            problems.add(new DpCompatibility.Problem(
                    where,
                    "activation " + kind.getName() + " is not known to treat each example by itself",
                    "let it implement ExampleWise if it does"));
        }
    }

    static void loss(List<DpCompatibility.Problem> problems, String where, ILossFunction loss) {
        Class<?> kind = loss.getClass();
        if (kind == LossFMeasure.class) {
            problems.add(new DpCompatibility.Problem(
                    where,
                    "LossFMeasure is one figure of the whole batch, not a sum over examples",
                    "use LossBinaryXENT"));
        } else if (!LOSSES.contains(kind) && !(loss instanceof ExampleWise)) {
            problems.add(new DpCompatibility.Problem(
                    where,
                    "loss " + kind.getName() + " is not known to be a sum over examples",
                    "use LossMCXENT or LossMSE, or let it implement ExampleWise if it is"));
        }
    }
}
