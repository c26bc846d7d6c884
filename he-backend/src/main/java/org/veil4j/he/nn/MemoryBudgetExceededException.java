package org.veil4j.he.nn;

/** A plan needs more memory than the user allowed; nothing has been allocated yet. */
public final class MemoryBudgetExceededException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long requiredBytes;
    private final long budgetBytes;

    MemoryBudgetExceededException(long requiredBytes, long budgetBytes) {
        super("memory=" + mebibytes(budgetBytes) + " MiB: this plan needs about " + mebibytes(requiredBytes)
                + " MiB at its peak; allow more, or use a smaller network");
        this.requiredBytes = requiredBytes;
        this.budgetBytes = budgetBytes;
    }

    private static long mebibytes(long bytes) {
        return (bytes + (1 << 20) - 1) >> 20;
    }

    /** Estimated peak of the plan, in bytes. */
    public long requiredBytes() {
        return requiredBytes;
    }

    /** What was allowed, in bytes. */
    public long budgetBytes() {
        return budgetBytes;
    }
}
