package io.pgnetty;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A file that grows beyond this has more than one job. */
@Tag("quick")
class SizesTest {

    private static final int MAX_LINES = 250;
    private static final int MAX_PARAMETERS = 6;
    private static final int MAX_METHOD = 40;
    private static final int USUAL_METHOD = 15;

    @Test
    void noFileIsTooLong() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path file : sources()) {
            long lines = Files.readString(file).lines().count();
            if (lines > MAX_LINES) {
                tooLong.add(file + ": " + lines);
            }
        }
        assertThat(tooLong).isEmpty();
    }

    /** Of constructors of classes; a record is its list. */
    @Test
    void noConstructorTakesTooMuch() throws IOException {
        List<String> wide = new ArrayList<>();
        for (Path file : sources()) {
            String name = file.getFileName().toString().replace(".java", "");
            String text = Files.readString(file).replaceAll("(?s)/\\*.*?\\*/", "");
            var constructors = java.util.regex.Pattern.compile(
                            "(?m)^    (?:public |private )?" + name + "\\(([^)]*)\\)[^;]*?\\{")
                    .matcher(text);
            while (constructors.find()) {
                String parameters = constructors.group(1).replaceAll("<[^>]*>", "");
                if (parameters.split(",", -1).length > MAX_PARAMETERS) {
                    wide.add(file + ": " + parameters);
                }
            }
        }
        assertThat(wide).isEmpty();
    }

    /** From the signature to the last brace, as the compiler sees them. */
    @Test
    void methodsAreShort() throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<Integer> lines = new ArrayList<>();
        List<String> tooLong = new ArrayList<>();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask)
                    compiler.getTask(null, files, null, null, null, files.getJavaFileObjectsFromPaths(sources()));
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree unit : task.parse()) {
                new TreeScanner<Void, Void>() {
                    @Override
                    public Void visitMethod(MethodTree method, Void nothing) {
                        if (method.getBody() != null) {
                            int length = length(unit, positions, method);
                            lines.add(length);
                            if (length > MAX_METHOD) {
                                tooLong.add(unit.getSourceFile().getName() + " " + method.getName() + ": " + length);
                            }
                        }
                        return super.visitMethod(method, nothing);
                    }
                }.scan(unit, null);
            }
        }
        assertThat(tooLong).isEmpty();
        assertThat(lines).hasSizeGreaterThan(500);
        // Nine of ten.
        assertThat(lines.stream().sorted().skip(lines.size() * 9L / 10).findFirst())
                .hasValueSatisfying(nine -> assertThat(nine).isLessThanOrEqualTo(USUAL_METHOD));
    }

    private static int length(CompilationUnitTree unit, SourcePositions positions, Tree tree) {
        LineMap map = unit.getLineMap();
        return (int) (map.getLineNumber(positions.getEndPosition(unit, tree))
                - map.getLineNumber(positions.getStartPosition(unit, tree))
                + 1);
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }
}
