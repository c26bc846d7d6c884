package org.veil4j.he.nn;

import java.util.List;
import java.util.Map;
import org.veil4j.he.circuit.OperationCounts;
import org.veil4j.he.rlwe.RlweParameters;

/**
 * What a compiled model will take, known before any key exists.
 *
 * @param parameters encryption parameters
 * @param layout how tensors are laid out over ciphertexts: "batch" or "packed"
 * @param weights whether the server may know the weights
 * @param images images that one encrypted batch holds
 * @param levels levels that an inference uses up
 * @param stages one line for each stage
 * @param notes remarks of importer and compiler, such as a softmax that was dropped
 * @param counts operations of one inference of a batch
 * @param workingBytes bytes that ciphertexts and keys take at the peak of an inference in memory
 * @param estimatedPeakBytes estimated peak of a process that holds nothing else
 * @param evaluationKeyBytes bytes of the evaluation keys in memory
 * @param inputBytes bytes of an encrypted batch in memory
 * @param plan what a run takes, and what travels
 * @param ranges how large values become, and how precise results are
 */
public record CompilationReport(
        RlweParameters parameters,
        String layout,
        WeightSecrecy weights,
        int images,
        int levels,
        List<String> stages,
        List<String> notes,
        Map<OperationCounts.Kind, Long> counts,
        long workingBytes,
        long estimatedPeakBytes,
        long evaluationKeyBytes,
        long inputBytes,
        LayoutCandidate plan,
        ValueRanges ranges) {}
