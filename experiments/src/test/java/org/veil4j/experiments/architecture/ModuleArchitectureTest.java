package org.veil4j.experiments.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The arrows between modules of docs/design.md, section 1. */
class ModuleArchitectureTest {
    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.veil4j");

    @Test
    void experiments_isUsedByNobody() {
        noClasses()
                .that(code("org.veil4j..").and(not(resideInAPackage("org.veil4j.experiments.."))))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.veil4j.experiments..")
                .check(MAIN);
    }

    @Test
    void layers_usesOnlyThePerExampleGradientsOfDp() {
        onlyUses("layers", resideInAPackage("org.veil4j.dp.gradient..")).check(MAIN);
    }

    @Test
    void dp_usesNoSibling() {
        onlyUses("dp", resideInAnyPackage()).check(MAIN);
    }

    @Test
    void zoo_usesLayersAndDpOnly() {
        onlyUses("zoo", resideInAnyPackage("org.veil4j.layers..", "org.veil4j.dp.."))
                .check(MAIN);
    }

    @Test
    void he_usesLayersOnlyInsideDl4j() {
        onlyUses("he", resideInAPackage("org.veil4j.layers..")).check(MAIN);
        noClasses()
                .that(code("org.veil4j.he..").and(not(resideInAPackage("org.veil4j.he.dl4j.."))))
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "org.veil4j.layers..", "org.deeplearning4j..", "org.nd4j..", "org.bytedeco.."))
                .check(MAIN);
    }

    @Test
    void dp_drawsNoWeakRandomness() {
        noClasses()
                .that(code("org.veil4j.dp.."))
                .should()
                .dependOnClassesThat(named(
                                "java.util.Random",
                                "java.util.SplittableRandom",
                                "java.util.concurrent.ThreadLocalRandom")
                        .or(resideInAnyPackage(
                                "java.util.random..",
                                "org.apache.commons.math3.random..",
                                "org.nd4j.linalg.api.rng..")))
                .orShould()
                .callMethod(Math.class, "random")
                .check(MAIN);
    }

    /** Accounting and gradients stand alone; the mechanism builds on accounting, training on all three. */
    @Test
    void dp_packagesKeepTheirArrows() {
        dpPackageAvoids("accounting", "gradient", "mechanism", "train");
        dpPackageAvoids("gradient", "accounting", "mechanism", "train");
        dpPackageAvoids("mechanism", "gradient", "train");
        noClasses()
                .that(code("org.veil4j.dp.accounting.."))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.deeplearning4j..", "org.nd4j..", "org.bytedeco..")
                .check(MAIN);
    }

    @Test
    void libraries_logThroughTheApiOnly() {
        noClasses()
                .that(code("org.veil4j..").and(not(resideInAPackage("org.veil4j.experiments.."))))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.logging.log4j.core..", "org.slf4j..")
                .check(MAIN);
    }

    /** As for servers of the engine: what trains on files must not even be able to name a secret, through any chain of types. */
    @Test
    void servers_cannotReachSecrets() {
        cannotReachSecrets("HeadServer").check(MAIN);
    }

    @Test
    void cannotReachSecrets_owner_isFound() {
        assertThat(cannotReachSecrets("HeadOwner").evaluate(MAIN).hasViolation())
                .isTrue();
    }

    private static ArchRule cannotReachSecrets(String type) {
        return noClasses()
                .that()
                .haveNameMatching("org\\.veil4j\\.experiments\\.head\\." + type + "(\\$.*)?")
                .should()
                .transitivelyDependOnClassesThat(named(
                        "org.veil4j.he.rlwe.SecretKey",
                        "org.veil4j.he.rlwe.Decryptor",
                        "org.veil4j.he.rlwe.KeyGenerator"));
    }

    @Test
    void modules_haveNoCycles() {
        slices().matching("org.veil4j.(*)..").should().beFreeOfCycles().check(MAIN);
        slices().matching("org.veil4j.experiments.(*)..")
                .should()
                .beFreeOfCycles()
                .check(MAIN);
        slices().matching("org.veil4j.layers.(*)..").should().beFreeOfCycles().check(MAIN);
        slices().matching("org.veil4j.dp.(*)..").should().beFreeOfCycles().check(MAIN);
    }

    @Test
    void onlyUses_forbiddenUse_isFound() {
        // Experiments use everything, so the rules that bind the others must find violations there.
        assertThat(onlyUses("experiments", resideInAPackage("org.veil4j.zoo.."))
                        .evaluate(MAIN)
                        .hasViolation())
                .isTrue();
        assertThat(onlyUses("zoo", resideInAnyPackage()).evaluate(MAIN).hasViolation())
                .isTrue();
    }

    /** No class of a module uses our classes outside of it, other than the allowed ones. */
    private static ArchRule onlyUses(String module, DescribedPredicate<JavaClass> allowed) {
        String own = "org.veil4j." + module + "..";
        return noClasses()
                .that(code(own))
                .should()
                .dependOnClassesThat(resideInAPackage("org.veil4j..")
                        .and(not(resideInAPackage(own)))
                        .and(not(allowed)));
    }

    /** A package of dp, which may be still to come, uses none of the named ones. */
    private static void dpPackageAvoids(String name, String... others) {
        for (String other : others) {
            noClasses()
                    .that(code("org.veil4j.dp." + name + ".."))
                    .should()
                    .dependOnClassesThat(resideInAPackage("org.veil4j.dp." + other + ".."))
                    .allowEmptyShould(true)
                    .check(MAIN);
        }
    }

    private static DescribedPredicate<JavaClass> named(String... names) {
        return new DescribedPredicate<>("are " + String.join(", ", names)) {
            @Override
            public boolean test(JavaClass type) {
                return List.of(names).contains(type.getName());
            }
        };
    }

    /** Classes without package-info, which would make an empty package look inhabited. */
    private static DescribedPredicate<JavaClass> code(String packages) {
        return resideInAPackage(packages).and(new DescribedPredicate<>("are code") {
            @Override
            public boolean test(JavaClass type) {
                return !type.getSimpleName().equals("package-info");
            }
        });
    }
}
