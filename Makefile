# The developer's loop; each target is one command that works by itself, too. See docs/development.md.
MVN = ./mvnw -q -B

.PHONY: demo fmt quick test it verify bench soak image

demo: ## Everything at once, with a PostgreSQL of its own
	$(MVN) -DskipTests package
	java -jar target/pgnetty-demo.jar demo

fmt: ## Formats Java and pom.xml
	$(MVN) spotless:apply

quick: ## The tests that need no PostgreSQL: half a minute
	$(MVN) test -Dgroups=quick

test: ## All tests within one process
	$(MVN) test

it: ## Real processes, killed and cut off
	$(MVN) verify -Dtest=FloodTest -Dsurefire.failIfNoSpecifiedTests=false

verify: ## All that CI runs
	.ci/run

bench: ## Measures; URL=postgresql://... is a server whose role may create a database
	$(MVN) -DskipTests package
	java -jar target/pgnetty.jar bench --url $(URL)

soak: ## Ten minutes of random kills
	$(MVN) -Psoak verify

image: ## target/pgnetty-image.tar
	$(MVN) -DskipTests -Pimage package
