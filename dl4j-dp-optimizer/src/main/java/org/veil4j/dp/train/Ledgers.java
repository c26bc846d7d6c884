package org.veil4j.dp.train;

import java.util.List;

/** Makes all updaters of one configuration spend from one ledger. */
final class Ledgers {
    private Ledgers() {}

    /**
     * Joins ledgers of equal plans into the one with most steps.
     *
     * @param updaters at least one
     */
    static PrivacyLedger join(List<DpUpdater> updaters) {
        PrivacyLedger fullest = updaters.get(0).ledger();
        for (DpUpdater updater : updaters) {
            if (updater.ledger().steps() > fullest.steps()) {
                fullest = updater.ledger();
            }
        }
        for (DpUpdater updater : updaters) {
            updater.join(fullest);
        }
        return fullest;
    }
}
