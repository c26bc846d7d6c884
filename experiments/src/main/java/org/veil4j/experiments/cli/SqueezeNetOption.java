package org.veil4j.experiments.cli;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.veil4j.experiments.data.DataRepository;
import org.veil4j.zoo.SqueezeNet;
import picocli.CommandLine.Option;

/** The body that is named and not saved in a file: its name and its weights. */
final class SqueezeNetOption {
    /** Its name on the command line. */
    static final String NAME = "squeezenet";

    private static final String WEIGHTS = "squeezenet/squeezenet_v1.1_notop.h5";

    @Option(
            names = "--weights",
            paramLabel = "FILE.h5",
            description = "Keras weights of squeezenet (default: " + WEIGHTS + " in the data folder).")
    private @Nullable Path weights;

    /** Whether weights were named. */
    boolean given() {
        return weights != null;
    }

    /**
     * Where its weights are: what was named, or what is in the data folder.
     *
     * @throws UsageException if there is neither
     */
    Path file(DataRepository data) throws IOException {
        Path file = weights == null ? data.find(WEIGHTS) : weights;
        if (file == null) {
            throw new UsageException("weights: not given; add --weights FILE.h5, Keras weights of squeezenet without"
                    + " classifier (github.com/rcmalli/keras-squeezenet, release v1.0), or put them into the data folder"
                    + " as " + WEIGHTS);
        }
        return file;
    }

    /**
     * The network with these weights.
     *
     * @throws UsageException if they are damaged or of another network
     */
    static ComputationGraph load(Path file) throws IOException {
        try {
            return SqueezeNet.load(file);
        } catch (FileSystemException e) {
            throw e;
        } catch (IOException e) {
            throw new UsageException(Failures.message(e), e);
        }
    }
}
