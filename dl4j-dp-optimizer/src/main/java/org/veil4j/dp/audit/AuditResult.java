package org.veil4j.dp.audit;

import org.veil4j.dp.accounting.PrivacyGuarantee;

/**
 * What an audit found.
 *
 * @param stated the guarantee of the plan
 * @param audit the guesses
 * @param confidence of the lower bound, for instance 0.95
 * @param auc how well the final losses tell canaries that were in from those that were not; 0.5 is a coin
 */
public record AuditResult(PrivacyGuarantee stated, OneRunAudit audit, double confidence, double auc) {
    /** Epsilon is at least this, with the confidence, at the stated delta. */
    public double epsilonLowerBound() {
        return audit.epsilonLowerBound(stated.delta(), confidence);
    }

    /** Whether the guesses are compatible with the stated guarantee. */
    public boolean holds() {
        return epsilonLowerBound() <= stated.epsilon();
    }
}
