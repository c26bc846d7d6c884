package org.veil4j.he.mlr;

/**
 * Makes weights whose levels are used up fit for more iterations. Today their owner encrypts them anew; bootstrapping can take
 * this place.
 */
@FunctionalInterface
public interface Refresher {
    /**
     * Fresh encryptions of the same weights.
     *
     * @param weights after an iteration that the plan refreshes after
     * @return the same, V at the level that the plan's next iteration starts from
     */
    EncryptedWeights refresh(EncryptedWeights weights);
}
