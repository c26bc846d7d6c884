package org.veil4j.experiments.train;

/** Told about the progress of a training; both methods run on the training thread. */
public interface TrainingListener {
    /** Ignores everything. */
    TrainingListener NONE = new TrainingListener() {
        @Override
        public void iterationDone(int iteration, int total, double loss) {}

        @Override
        public void epochDone(EpochResult result) {}
    };

    /**
     * A mini-batch was learnt.
     *
     * @param iteration from 1
     * @param total iterations in all
     * @param loss of this mini-batch
     */
    void iterationDone(int iteration, int total, double loss);

    /**
     * An epoch is over.
     *
     * @param result its figures
     */
    void epochDone(EpochResult result);
}
