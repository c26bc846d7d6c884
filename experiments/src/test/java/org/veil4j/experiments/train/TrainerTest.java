package org.veil4j.experiments.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.veil4j.experiments.data.Dataset;
import org.veil4j.zoo.InputNormalisation;
import org.veil4j.zoo.InputShape;
import org.veil4j.zoo.TrainingRecipe;
import org.veil4j.zoo.Variant;
import org.veil4j.zoo.ZooNetwork;
import org.veil4j.zoo.ZooPreset;

class TrainerTest {
    private static final long SEED = 11;
    private static final List<String> CLASSES = List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");

    /** Each class is a fixed random pattern plus noise. */
    static Dataset patterns(int count) {
        Random random = new Random(SEED);
        byte[][] patterns = new byte[10][784];
        for (byte[] p : patterns) {
            random.nextBytes(p);
        }
        byte[][] images = new byte[count][784];
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            labels[i] = i % 10;
            for (int k = 0; k < 784; k++) {
                int v = (patterns[labels[i]][k] & 255) / 2 + random.nextInt(128);
                images[i][k] = (byte) v;
            }
        }
        return new Dataset("patterns", InputShape.GREY_28, CLASSES, images, labels);
    }

    private static TrainingRecipe recipe(double learningRate, double clip, int epochs) {
        return new TrainingRecipe(32, epochs, learningRate, true, 0.5, 0.01, clip, 0, false, SEED);
    }

    @Test
    void execute_separablePatterns_areLearntAndTheCardSaysSo() {
        Dataset data = patterns(640);
        List<EpochResult> seen = new ArrayList<>();
        TrainingListener listener = new TrainingListener() {
            @Override
            public void iterationDone(int iteration, int total, double loss) {
                assertThat(iteration).isBetween(1, total);
            }

            @Override
            public void epochDone(EpochResult result) {
                seen.add(result);
            }
        };
        TrainingJob job = new TrainingJob(ZooPreset.CRYPTONET, Variant.HE_ALIGNED, data, data, 128);
        TrainingRun run = TrainingRun.execute(job, recipe(3e-3, 1, 20), "veil4j train", listener);
        assertThat(seen).isEqualTo(run.epochs()).hasSize(20);
        assertThat(seen.get(19).loss()).isLessThan(seen.get(0).loss() / 2);
        assertThat(run.card().testAccuracy()).isGreaterThan(0.9);
        assertThat(run.card().validationAccuracy()).isGreaterThan(0.9);
        assertThat(run.card().testImages()).isEqualTo(640);
    }

    @Test
    void run_overflowingInputs_isReportedAsDivergence() {
        Dataset data = patterns(320);
        TrainingRecipe recipe = recipe(3e-3, 0, 2);
        ZooNetwork network = ZooPreset.CRYPTONET
                .configuration(Variant.HE_ALIGNED, InputShape.GREY_28, recipe, 10)
                .network();
        Trainer trainer = new Trainer(
                network,
                recipe,
                new InputNormalisation(new double[] {0}, new double[] {1e-30}),
                Trainer.Split.of(data, 32, SEED),
                TrainingListener.NONE);
        assertThatThrownBy(trainer::run)
                .isInstanceOf(TrainingDivergedException.class)
                .hasMessageContaining("--learning-rate");
    }

    @Test
    void split_isAPartitionAndRepeatable() {
        Dataset data = patterns(100);
        Trainer.Split split = Trainer.Split.of(data, 30, SEED);
        assertThat(split.validation().size()).isEqualTo(30);
        List<byte[]> all = new ArrayList<>(Arrays.asList(split.train().images()));
        all.addAll(Arrays.asList(split.validation().images()));
        assertThat(all).containsExactlyInAnyOrder(data.images());
        assertThat(Trainer.Split.of(data, 30, SEED).validation().labels())
                .isEqualTo(split.validation().labels());
        assertThatThrownBy(() -> Trainer.Split.of(data, 100, SEED)).hasMessageContaining("validation=100");
    }

    @Test
    void augmentation_shiftAndMirror_movePixels() {
        byte[] image = new byte[24];
        for (int i = 0; i < 24; i++) {
            image[i] = (byte) (i + 1);
        }
        SplittableRandom random = new SplittableRandom(SEED);
        float[] plain = input(image);
        assertThat(augmented(0, false, 0, image, random)).isEqualTo(plain);
        boolean mirrored = false;
        boolean same = false;
        for (int i = 0; i < 50; i++) {
            float[] moved = augmented(0, true, 0, image, random);
            mirrored |= Arrays.equals(Arrays.copyOf(moved, 4), new float[] {4, 3, 2, 1});
            same |= Arrays.equals(moved, plain);
        }
        assertThat(mirrored).isTrue();
        assertThat(same).isTrue();
        for (int i = 0; i < 50; i++) {
            float[] moved = augmented(1, false, 0, image, random);
            // the pixel in the middle of the first channel moves by at most one in each direction, intact
            assertThat(moved).contains(plain[5]);
            int at = 0;
            while (moved[at] != plain[5]) {
                at++;
            }
            assertThat(Math.abs(at / 4 - 1)).isLessThanOrEqualTo(1);
            assertThat(Math.abs(at % 4 - 1)).isLessThanOrEqualTo(1);
        }
    }

    @Test
    void augmentation_contrast_multipliesNormalisedPixelsByOneFactorOfItsInterval() {
        byte[] image = {10, 30, 70, 110};
        SplittableRandom random = new SplittableRandom(SEED);
        TrainingRecipe recipe = augmenting(0, false, 0.6);
        InputNormalisation normalisation = new InputNormalisation(new double[] {50}, new double[] {20});
        Augmentation augmentation = new Augmentation(recipe, new InputShape(1, 2, 2), normalisation);
        double least = 2;
        double largest = 0;
        for (int i = 0; i < 500; i++) {
            float[] out = {9, 0, 0, 0, 0, 9};
            augmentation.apply(image, out, 1, random);
            float factor = out[4] / 3;
            assertThat(out)
                    .containsExactly(new float[] {9, -2 * factor, -factor, factor, 3 * factor, 9}, within(1e-6f));
            least = Math.min(least, factor);
            largest = Math.max(largest, factor);
        }
        assertThat(least).as("seed " + SEED).isBetween(0.7, 0.72);
        assertThat(largest).as("seed " + SEED).isBetween(1.58, 1.6);
    }

    private static TrainingRecipe augmenting(int shift, boolean flip, double contrast) {
        return new TrainingRecipe(1, 1, 1e-3, false, 0, 0, 0, shift, flip, contrast, 5, 0, SEED);
    }

    /** Two channels of three rows and four columns, pixels as they are. */
    private static float[] augmented(int shift, boolean flip, double contrast, byte[] image, SplittableRandom random) {
        float[] out = new float[24];
        InputNormalisation unchanged = new InputNormalisation(new double[2], new double[] {1, 1});
        new Augmentation(augmenting(shift, flip, contrast), new InputShape(2, 3, 4), unchanged)
                .apply(image, out, 0, random);
        return out;
    }

    private static float[] input(byte[] image) {
        float[] x = new float[image.length];
        for (int i = 0; i < x.length; i++) {
            x[i] = image[i];
        }
        return x;
    }

    @Test
    void dataset_badContent_isRefused() {
        assertThatThrownBy(() -> new Dataset("d", InputShape.GREY_28, CLASSES, new byte[1][784], new int[] {10}))
                .hasMessageContaining("label 0 is 10");
        assertThatThrownBy(() -> new Dataset("d", InputShape.GREY_28, CLASSES, new byte[1][783], new int[] {1}))
                .hasMessageContaining("783");
        assertThatThrownBy(() -> new Dataset("d", InputShape.GREY_28, CLASSES, new byte[2][784], new int[] {1}))
                .hasMessageContaining("2 images and 1 labels");
    }
}
