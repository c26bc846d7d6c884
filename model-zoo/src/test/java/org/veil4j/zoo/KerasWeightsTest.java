package org.veil4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.DatasetCreationOptions;
import io.jhdf.api.WritableGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KerasWeightsTest {
    private static final int SEED = 9;

    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("weights.h5");
    }

    @Test
    void convolution_kernel_isReorderedOutputFirst() throws IOException {
        PlainSqueezeNet plain = PlainSqueezeNet.random(SEED);
        plain.write(file());
        float[][][][] kernel = plain.kernel("fire2/expand3x3");
        try (KerasWeights weights = KerasWeights.open(file())) {
            float[] read = weights.convolution("fire2/expand3x3", 3, 16, 64).kernel();
            assertThat(read).hasSize(64 * 16 * 9);
            assertThat(read[((5 * 16 + 3) * 3 + 2) * 3 + 1]).isEqualTo(kernel[2][1][3][5]);
            assertThat(read[((63 * 16 + 15) * 3 + 0) * 3 + 2]).isEqualTo(kernel[0][2][15][63]);
        }
    }

    @Test
    void load_noFile_isNamed() {
        assertThatThrownBy(() -> SqueezeNet.load(file()))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("weights.h5");
    }

    @Test
    void load_noHdf5File_isRefused() throws IOException {
        Files.writeString(file(), "not HDF5 at all");
        assertThatThrownBy(() -> SqueezeNet.load(file()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("weights=" + file())
                .hasMessageContaining("not a readable HDF5 file");
        Files.write(file(), new byte[0]);
        assertThatThrownBy(() -> SqueezeNet.load(file())).isInstanceOf(IOException.class);
    }

    @Test
    void load_missingLayer_isNamed() {
        PlainSqueezeNet.random(SEED).write(file(), "fire7/expand3x3");
        assertThatThrownBy(() -> SqueezeNet.load(file()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("has no layer fire7/expand3x3");
    }

    @Test
    void load_anotherShape_isRefusedWithBoth() {
        PlainSqueezeNet.random(SEED)
                .with("fire3/squeeze1x1", new float[1][1][16][128]) // Theano's order
                .write(file());
        assertThatThrownBy(() -> SqueezeNet.load(file()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("[1, 1, 16, 128]")
                .hasMessageContaining("[1, 1, 128, 16]");
    }

    @Test
    void load_notANumber_isRefused() {
        PlainSqueezeNet plain = PlainSqueezeNet.random(SEED);
        float[][][][] kernel = plain.kernel("conv1");
        kernel[1][2][0][40] = Float.NaN;
        plain.with("conv1", kernel).write(file());
        assertThatThrownBy(() -> SqueezeNet.load(file()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("must be finite");
    }

    @Test
    void load_chunkedKernel_isRefusedWithTheRemedy() {
        try (WritableHdfFile hdf = HdfFile.write(file())) {
            WritableGroup layer = hdf.putGroup("conv1");
            layer.putAttribute("weight_names", new String[] {"kernel:0", "bias:0"});
            layer.putDataset(
                    "kernel:0",
                    new float[3][3][3][64],
                    DatasetCreationOptions.builder()
                            .chunkDimensions(3, 3, 3, 64)
                            .build());
            layer.putDataset("bias:0", new float[64]);
        }
        assertThatThrownBy(() -> SqueezeNet.load(file()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("in chunks")
                .hasMessageContaining("h5repack");
    }

    @Test
    void load_damagedFiles_failWithTheFilesNameOnly() throws IOException {
        PlainSqueezeNet.random(SEED).write(file());
        byte[] good = Files.readAllBytes(file());
        Random random = new Random(SEED);
        Path bad = folder.resolve("bad.h5");
        for (int length : new int[] {8, 100, 1000, good.length / 2, good.length - 1000}) {
            Files.write(bad, Arrays.copyOf(good, length));
            assertThatThrownBy(() -> SqueezeNet.load(bad))
                    .as("cut to %d bytes", length)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("weights=" + bad);
        }
        int refused = 0;
        for (int trial = 0; trial < 200; trial++) {
            byte[] damaged = good.clone();
            int at = random.nextInt(4000); // where the structure is; beyond, a changed weight is no error
            damaged[at] ^= (byte) (1 + random.nextInt(255));
            Files.write(bad, damaged);
            try (KerasWeights weights = KerasWeights.open(bad)) {
                weights.convolution("conv1", 3, 3, 64);
                weights.convolution("fire2/expand3x3", 3, 16, 64);
            } catch (IOException e) {
                refused++;
                assertThat(e.getMessage()).as("byte %d, seed %d", at, SEED).contains("weights=" + bad);
            }
        }
        assertThat(refused).as("seed %d", SEED).isPositive();
    }
}
