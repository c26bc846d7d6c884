package org.veil4j.he.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;

/**
 * The arrows of docs/design.md, section 1, for the packages under a root: {@code org.veil4j.he}, or the fixtures that break
 * every rule. A rule whose subject is empty fails, unless the package is one of {@link #FUTURE}.
 */
final class ArchitectureRules {
    /** Packages that later issues add; the list must shrink as they come. */
    static final List<String> FUTURE = List.of();

    private static final String[] DL4J = {"org.deeplearning4j..", "org.nd4j..", "org.bytedeco..", "org.veil4j.layers.."
    };
    private static final String[] LOGGING = {
        "org.apache.logging..", "org.apache.log4j..", "org.slf4j..", "java.util.logging.."
    };
    private static final String[] RANDOM = {
        "java.util.Random", "java.util.SplittableRandom", "java.util.concurrent.ThreadLocalRandom"
    };

    private final String root;

    ArchitectureRules(String root) {
        this.root = root;
    }

    /** {@code io <- ring.kernel <- ring <- rlwe <- ckks <- circuit <- {nn, mlr} <- dl4j}: one rule a package. */
    List<ArchRule> layers() {
        List<ArchRule> rules = new ArrayList<>();
        rules.add(onlyUses("io"));
        rules.add(onlyUses("ring.kernel.vector", "ring.kernel"));
        rules.add(onlyUses("ring.kernel", "io"));
        rules.add(onlyUses("ring", "io", "ring.kernel"));
        rules.add(onlyUses("rlwe", "io", "ring.kernel", "ring"));
        rules.add(onlyUses("ckks", "io", "ring.kernel", "ring", "rlwe"));
        rules.add(onlyUses("circuit", "io", "ring.kernel", "ring", "rlwe", "ckks"));
        rules.add(onlyUses("nn.graph", "io", "circuit"));
        rules.add(onlyUses("nn.layout", "io", "nn.graph"));
        rules.add(onlyUses("nn.plan", "io", "ring", "rlwe", "circuit"));
        rules.add(onlyUses("nn.batch", "io", "ring", "rlwe", "circuit", "nn.graph", "nn.plan"));
        rules.add(onlyUses("nn.packed", "io", "ring", "rlwe", "circuit", "nn.graph", "nn.layout", "nn.plan"));
        rules.add(onlyUses(
                "nn",
                "io",
                "ring.kernel",
                "ring",
                "rlwe",
                "ckks",
                "circuit",
                "nn.graph",
                "nn.layout",
                "nn.plan",
                "nn.batch",
                "nn.packed"));
        rules.add(onlyUses("mlr.clear", "io"));
        rules.add(onlyUses("mlr.encoding", "io", "ring", "rlwe", "ckks", "circuit", "mlr.clear"));
        rules.add(onlyUses("mlr", "io", "ring", "rlwe", "ckks", "circuit", "mlr.clear", "mlr.encoding"));
        rules.add(onlyUses("dl4j", "nn", "nn.graph", "mlr.clear"));
        return rules;
    }

    ArchRule engineKnowsNoDl4j() {
        return noClasses()
                .that(code(root + ".."))
                .and(not(resideInAPackage(root + ".dl4j..")))
                .should()
                .dependOnClassesThat(resideInAnyPackage(DL4J));
    }

    ArchRule engineKnowsNoLogging() {
        return noClasses()
                .that(code(root + ".io..", root + ".ring..", root + ".rlwe..", root + ".ckks..", root + ".circuit.."))
                .should()
                .dependOnClassesThat(resideInAnyPackage(LOGGING));
    }

    ArchRule libraryKnowsLoggingApiOnly() {
        return noClasses()
                .that(code(root + ".."))
                .should()
                .dependOnClassesThat(resideInAnyPackage("org.apache.logging.log4j.core..", "org.slf4j.."));
    }

    ArchRule noCycles() {
        return slices().matching(root + ".(**)").should().beFreeOfCycles();
    }

    /** Whatever computes on ciphertexts must not even be able to name a secret, through any chain of our types. */
    ArchRule serversCannotReachSecrets() {
        return noClasses().that(computesOnCiphertexts()).should().transitivelyDependOnClassesThat(isSecret());
    }

    ArchRule secretsAreNotRandomFromJavaUtil() {
        return noClasses()
                .that(code(root + ".ring..", root + ".rlwe.."))
                .should()
                .dependOnClassesThat(isWeakRandomness())
                .orShould()
                .callMethod(Math.class, "random");
    }

    private ArchRule onlyUses(String layer, String... lower) {
        DescribedPredicate<JavaClass> allowed = resideInAPackage(root + "." + layer);
        for (String name : lower) {
            allowed = allowed.or(resideInAPackage(root + "." + name));
        }
        return noClasses()
                .that(code(root + "." + layer))
                .should()
                .dependOnClassesThat(resideInAPackage("org.veil4j.he..").and(not(allowed)))
                .allowEmptyShould(FUTURE.contains(layer))
                .as("no class in " + layer + " uses our packages other than " + String.join(", ", lower));
    }

    private DescribedPredicate<JavaClass> computesOnCiphertexts() {
        return new DescribedPredicate<>("are named *Server, *Trainer, *Evaluator or *Algebra") {
            @Override
            public boolean test(JavaClass type) {
                JavaClass outer = type;
                while (outer.getEnclosingClass().isPresent()) {
                    outer = outer.getEnclosingClass().get();
                }
                String name = outer.getSimpleName();
                return type.getPackageName().startsWith(root)
                        && (name.endsWith("Server")
                                || name.endsWith("Trainer")
                                || name.endsWith("Evaluator")
                                || name.endsWith("Algebra"));
            }
        };
    }

    private DescribedPredicate<JavaClass> isSecret() {
        return new DescribedPredicate<>("are SecretKey, Decryptor or KeyGenerator") {
            @Override
            public boolean test(JavaClass type) {
                return List.of("SecretKey", "Decryptor", "KeyGenerator").contains(type.getSimpleName())
                        && type.getPackageName().startsWith("org.veil4j");
            }
        };
    }

    private static DescribedPredicate<JavaClass> isWeakRandomness() {
        return new DescribedPredicate<>("are sources of randomness that are not cryptographic") {
            @Override
            public boolean test(JavaClass type) {
                return List.of(RANDOM).contains(type.getName())
                        || type.getPackageName().equals("java.util.random")
                        || type.getPackageName().startsWith("org.apache.commons.math3.random")
                        || type.getPackageName().startsWith("org.nd4j.linalg.api.rng");
            }
        };
    }

    /** Classes in any of the packages, without package-info, which would make an empty package look inhabited. */
    private static DescribedPredicate<JavaClass> code(String... packages) {
        return resideInAnyPackage(packages).and(new DescribedPredicate<>("are code") {
            @Override
            public boolean test(JavaClass type) {
                return !type.getSimpleName().equals("package-info");
            }
        });
    }
}
