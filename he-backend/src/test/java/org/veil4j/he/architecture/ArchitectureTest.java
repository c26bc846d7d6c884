package org.veil4j.he.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ArchitectureTest {
    private static final String BAD = "org.veil4j.he.architecture.bad";
    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.veil4j.he");

    @TestFactory
    Stream<DynamicTest> main_keepsEveryRule() {
        return all(new ArchitectureRules("org.veil4j.he"))
                .map(rule -> DynamicTest.dynamicTest(rule.getDescription(), () -> rule.check(MAIN)));
    }

    @TestFactory
    Stream<DynamicTest> fixtures_breakEveryRule() {
        JavaClasses bad = new ClassFileImporter().importPackages(BAD);
        return all(new ArchitectureRules(BAD))
                .map(rule -> DynamicTest.dynamicTest(
                        rule.getDescription(),
                        () -> assertThat(rule.evaluate(bad).hasViolation()).isTrue()));
    }

    @Test
    void future_packagesThatExist_areOffTheList() {
        for (String name : ArchitectureRules.FUTURE) {
            assertThat(MAIN.stream()
                            .filter(type -> type.getPackageName().startsWith("org.veil4j.he." + name))
                            .filter(type -> !type.getSimpleName().equals("package-info")))
                    .as("%s exists now: take it off ArchitectureRules.FUTURE", name)
                    .isEmpty();
        }
    }

    private static Stream<ArchRule> all(ArchitectureRules rules) {
        return Stream.concat(
                rules.layers().stream(),
                List.of(
                        rules.engineKnowsNoDl4j(),
                        rules.engineKnowsNoLogging(),
                        rules.libraryKnowsLoggingApiOnly(),
                        rules.noCycles(),
                        rules.serversCannotReachSecrets(),
                        rules.secretsAreNotRandomFromJavaUtil())
                        .stream());
    }
}
