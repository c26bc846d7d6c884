package org.veil4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.learning.config.Adam;

class TrainingRecipeTest {
    @Test
    void schedule_warmupThenCosine_hitsItsCorners() {
        WarmupCosineSchedule s = new WarmupCosineSchedule(0.01, 10, 110, 0.1);
        assertThat(s.valueAt(0, 0)).isCloseTo(0.001, within(1e-12));
        assertThat(s.valueAt(9, 0)).isCloseTo(0.01, within(1e-12));
        assertThat(s.valueAt(10, 0)).isCloseTo(0.01, within(1e-12));
        assertThat(s.valueAt(60, 0)).isCloseTo(0.0055, within(1e-12));
        assertThat(s.valueAt(110, 0)).isCloseTo(0.001, within(1e-12));
        assertThat(s.valueAt(1000, 0)).isCloseTo(0.001, within(1e-12));
        assertThat(s.clone()).isEqualTo(s);
        assertThatThrownBy(() -> new WarmupCosineSchedule(0.01, 10, 10, 0.1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void updater_constantAndCosine_areAdam() {
        assertThat(TrainingRecipe.plain(3).updater(7)).isEqualTo(new Adam(1e-3));
        Adam adam = (Adam) TrainingRecipe.standard(4).updater(7);
        assertThat(adam.getLearningRateSchedule()).isEqualTo(new WarmupCosineSchedule(3e-3, 7, 28, 0.01));
    }

    @Test
    void constructor_valuesOutOfRange_areRefusedByName() {
        assertThatThrownBy(() -> new TrainingRecipe(0, 1, 1e-3, false, 0, 0, 0, 0, false, 1))
                .hasMessageContaining("batch=0");
        assertThatThrownBy(() -> new TrainingRecipe(1, 0, 1e-3, false, 0, 0, 0, 0, false, 1))
                .hasMessageContaining("epochs=0");
        assertThatThrownBy(() -> new TrainingRecipe(1, 1, Double.NaN, false, 0, 0, 0, 0, false, 1))
                .hasMessageContaining("learningRate=NaN");
        assertThatThrownBy(() -> new TrainingRecipe(1, 1, 1e-3, true, 1, 0, 0, 0, false, 1))
                .hasMessageContaining("warmupEpochs=1.0");
        assertThatThrownBy(() -> new TrainingRecipe(1, 1, 1e-3, false, 0, 0, 0, 40, false, 1))
                .hasMessageContaining("shift=40");
        assertThatThrownBy(() -> new TrainingRecipe(1, 1, 1e-3, false, 0, 0, 0, 0, false, 0, -1, 0.1, 1))
                .hasMessageContaining("rangeLimit=-1.0");
        assertThatThrownBy(() -> new TrainingRecipe(1, 1, 1e-3, false, 0, 0, 0, 0, false, 1.5, 5, 0.1, 1))
                .hasMessageContaining("contrast=1.5");
        assertThatThrownBy(() -> new TrainingRecipe(1, 1, 1e-3, false, 0, 0, 0, 0, false, 0, 5, Double.NaN, 1))
                .hasMessageContaining("rangePenalty=NaN");
    }

    @Test
    void describe_namesEverythingThatMatters() {
        assertThat(TrainingRecipe.standard(30).withEpochs(5).describe())
                .contains("batch 128", "5 epochs", "0.003", "warm-up", "clipping at L2 norm 1.0", "seed 1")
                .contains("penalty of polynomials 0.01 beyond 5.0");
        assertThat(ZooPreset.TINY_RESNET.recipe(9).describe())
                .contains("9 epochs", "0.005", "contrast varied by 0.6", "penalty of polynomials 0.01 beyond 5.0");
        assertThat(TrainingRecipe.plain(2).describe()).contains("penalty of polynomials off");
        assertThat(TrainingRecipe.residual(30).withEpochs(7)).isEqualTo(TrainingRecipe.residual(7));
    }

    @Test
    void normalisation_measuredOnImages_givesMeanZeroAndDeviationOne() {
        byte[][] images = {{0, 10, (byte) 200, 50}, {20, 30, (byte) 255, 1}};
        InputNormalisation n = InputNormalisation.measure(images, 2);
        float[] out = new float[8];
        n.apply(images[0], out, 0);
        n.apply(images[1], out, 4);
        assertThat(out[0] + out[1] + out[4] + out[5]).isCloseTo(0f, within(1e-5f));
        double squares = 0;
        for (int i : new int[] {2, 3, 6, 7}) {
            squares += out[i] * out[i] / 4;
        }
        assertThat(squares).isCloseTo(1, within(1e-5));
        assertThatThrownBy(() -> new InputNormalisation(new double[] {1}, new double[] {0}))
                .hasMessageContaining("std[0]=0.0");
        assertThatThrownBy(() -> new InputNormalisation(new double[] {1}, new double[] {1, 2}))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
