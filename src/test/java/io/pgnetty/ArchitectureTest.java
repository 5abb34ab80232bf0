package io.pgnetty;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;

/** The house: imports go downward only. */
@ArchTag("quick")
@AnalyzeClasses(packages = "io.pgnetty", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule IMPORTS_GO_DOWNWARD = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("io.pgnetty..")
            .layer("demo")
            .definedBy("io.pgnetty.demo")
            .layer("junit")
            .definedBy("io.pgnetty.junit")
            .layer("main")
            .definedBy("io.pgnetty")
            .layer("cli")
            .definedBy("io.pgnetty.cli")
            .layer("bench")
            .definedBy("io.pgnetty.bench")
            .layer("service")
            .definedBy("io.pgnetty.service")
            .layer("admin")
            .definedBy("io.pgnetty.admin")
            .layer("web")
            .definedBy("io.pgnetty.web")
            .layer("metrics")
            .definedBy("io.pgnetty.metrics")
            .layer("trace")
            .definedBy("io.pgnetty.trace")
            .layer("bridge")
            .definedBy("io.pgnetty.bridge")
            .layer("postgres")
            .definedBy("io.pgnetty.postgres")
            .layer("http")
            .definedBy("io.pgnetty.http")
            .layer("wire")
            .definedBy("io.pgnetty.http.wire")
            .layer("names")
            .definedBy("io.pgnetty.http.names")
            .layer("tls")
            .definedBy("io.pgnetty.http.tls")
            .layer("secret")
            .definedBy("io.pgnetty.http.secret")
            .layer("egress")
            .definedBy("io.pgnetty.http.egress")
            .layer("observe")
            .definedBy("io.pgnetty.observe")
            .layer("request")
            .definedBy("io.pgnetty.request")
            .layer("config")
            .definedBy("io.pgnetty.config")
            .whereLayer("demo")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("junit")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("main")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("cli")
            .mayOnlyBeAccessedByLayers("main", "demo")
            .whereLayer("service")
            .mayOnlyBeAccessedByLayers("bench", "cli", "demo", "junit")
            .whereLayer("bench")
            .mayOnlyBeAccessedByLayers("cli")
            .whereLayer("admin")
            .mayOnlyBeAccessedByLayers("service")
            .whereLayer("web")
            .mayOnlyBeAccessedByLayers("admin", "service")
            .whereLayer("metrics")
            .mayOnlyBeAccessedByLayers("admin", "service")
            .whereLayer("trace")
            .mayOnlyBeAccessedByLayers("service")
            .whereLayer("bridge")
            .mayOnlyBeAccessedByLayers("admin", "web", "metrics", "service", "junit")
            .whereLayer("postgres")
            .mayOnlyBeAccessedByLayers("bridge", "web", "service", "bench", "cli", "demo", "junit")
            .whereLayer("http")
            .mayOnlyBeAccessedByLayers("bridge", "service", "bench")
            .whereLayer("wire")
            .mayOnlyBeAccessedByLayers("http")
            .whereLayer("names")
            .mayOnlyBeAccessedByLayers("http")
            .whereLayer("tls")
            .mayOnlyBeAccessedByLayers("http", "service", "bench")
            .whereLayer("secret")
            .mayOnlyBeAccessedByLayers("http")
            .whereLayer("egress")
            .mayOnlyBeAccessedByLayers("http", "bridge", "service", "bench")
            .whereLayer("observe")
            .mayOnlyBeAccessedByLayers(
                    "postgres",
                    "http",
                    "bridge",
                    "metrics",
                    "trace",
                    "web",
                    "admin",
                    "service",
                    "bench",
                    "cli",
                    "demo",
                    "junit");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("io.pgnetty.(*)..").should().beFreeOfCycles();

    /** Nor between classes: each is a slice of its own, with what is nested in it. */
    @ArchTest
    static final ArchRule NO_CYCLES_OF_CLASSES =
            slices().assignedFrom(new TopLevelClasses()).should().beFreeOfCycles();

    @ArchTest
    static final ArchRule THE_GROUND_KNOWS_NO_DRIVER_AND_NO_NETTY = ArchRuleDefinition.noClasses()
            .that()
            .resideInAnyPackage("io.pgnetty.request", "io.pgnetty.config", "io.pgnetty.observe")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty..", "reactor..", "io.r2dbc..", "tools.jackson..");

    private static final class TopLevelClasses implements SliceAssignment {

        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return SliceIdentifier.of(type.getName().replaceFirst("\\$.*", ""));
        }

        @Override
        public String getDescription() {
            return "top-level classes";
        }
    }
}
