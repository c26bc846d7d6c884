package org.veil4j.he.nn;

import java.io.DataOutput;
import java.io.IOException;
import org.veil4j.he.io.PayloadReader;

/**
 * What a client needs to know of the ranges of a network's values.
 *
 * @param inputLow least input element, before normalisation
 * @param inputHigh largest
 * @param outputCapacity largest result that can be decrypted
 * @param estimatedPrecisionBits see {@link ValueRanges}
 */
record ClientLimits(double inputLow, double inputHigh, double outputCapacity, double estimatedPrecisionBits) {
    /** Nothing is known: as in files of earlier versions. */
    static final ClientLimits UNKNOWN = new ClientLimits(
            Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);

    void write(DataOutput out) throws IOException {
        out.writeDouble(inputLow);
        out.writeDouble(inputHigh);
        out.writeDouble(outputCapacity);
        out.writeDouble(estimatedPrecisionBits);
    }

    static ClientLimits read(PayloadReader in) throws IOException {
        ClientLimits limits = new ClientLimits(in.readDouble(), in.readDouble(), in.readDouble(), in.readDouble());
        if (!(limits.inputLow < limits.inputHigh)
                || !(limits.outputCapacity > 0)
                || Double.isNaN(limits.estimatedPrecisionBits)) {
            throw in.corrupt("an input range, a capacity and a precision", limits.toString());
        }
        return limits;
    }
}
