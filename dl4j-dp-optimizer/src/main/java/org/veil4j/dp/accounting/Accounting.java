package org.veil4j.dp.accounting;

/** The ways to add up what steps cost. Both give upper bounds of epsilon. */
public enum Accounting {
    /** Renyi differential privacy: simple, conservative, exact arithmetic for each order. See {@link RdpAccountant}. */
    RDP("Renyi differential privacy (RDP)"),
    /** Numerical composition of privacy loss distributions: tighter, with a stated error. See {@link PrvAccountant}. */
    PRV("numerical composition of the privacy loss distribution (PRV)");

    private final String title;

    Accounting(String title) {
        this.title = title;
    }

    /** The method's name, for a reader. */
    public String title() {
        return title;
    }
}
