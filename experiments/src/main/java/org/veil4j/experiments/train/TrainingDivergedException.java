package org.veil4j.experiments.train;

/** The training loss became NaN or infinite. */
public final class TrainingDivergedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param epoch from 1
     * @param iteration from 1
     * @param learningRate highest rate of the recipe
     */
    public TrainingDivergedException(int epoch, int iteration, double learningRate) {
        super("loss is not finite in epoch " + epoch + ", iteration " + iteration + " at learning rate " + learningRate
                + ": use a smaller --learning-rate or gradient clipping");
    }
}
