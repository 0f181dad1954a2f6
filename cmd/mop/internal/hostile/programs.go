package hostile

import (
	"errors"
	"os"
	"path/filepath"
)

// helmProgram is a program with a script in place of helm.
func helmProgram(name, options, script string) Program {
	return Program{
		Name: name,
		Files: []File{
			{"main.jsonnet", text("std.native('helmTemplate')('a', './chart', { calledFrom: std.thisFile } + " + options + ")")},
			{"chart/Chart.yaml", text("apiVersion: v2\nname: a\nversion: 0.1.0\n")},
			{"bin/helm", text("#!/bin/sh\n" + script + "\n")},
		},
		Env:  []string{"TANKA_HELM_PATH=$DIR/bin/helm"},
		Args: []string{"eval", "main.jsonnet"},
	}
}

func kustomizeProgram(name, script string) Program {
	return Program{
		Name: name,
		Files: []File{
			{"main.jsonnet", text("std.native('kustomizeBuild')('./base', { calledFrom: std.thisFile })")},
			{"base/kustomization.yaml", text("resources: []\n")},
			{"bin/kustomize", text("#!/bin/sh\n" + script + "\n")},
		},
		Env:  []string{"TANKA_KUSTOMIZE_PATH=$DIR/bin/kustomize"},
		Args: []string{"eval", "main.jsonnet"},
	}
}

// gitProgram is a program with a script in place of git.
func gitProgram(name, script string, args ...string) Program {
	return Program{
		Name:  name,
		Files: []File{{"main.jsonnet", text("{}")}, {"bin/git", text("#!/bin/sh\n" + script + "\n")}},
		Env:   []string{"PATH=$DIR/bin:/usr/bin:/bin"},
		Args:  args,
		Place: "-",
	}
}

func programs() Area {
	const configMap = "echo 'apiVersion: v1'; echo 'kind: ConfigMap'; echo 'metadata: {name: a}'"
	return Area{
		Loops: []Loop{
			{Func: "internal/program.Command.Output", Input: "the output of a program", Asks: []string{"Read"}, Programs: []string{"helm-endless-output", "helm-endless-line", "kustomize-endless-output", "git-endless-names"}},
			{Func: "internal/program.Process.listen", Input: "what a program writes to standard error", Asks: []string{"mostComplaint"}, Programs: []string{"helm-endless-errors"}},
			{Func: "internal/program.Process.wait", Input: "how long a program runs, and what it leaves", Asks: []string{"ending"}, Programs: []string{"helm-hangs", "helm-ignores-signals", "helm-child-keeps-output", "kustomize-child-keeps-output", "git-hangs", "git-hangs-where-it-lists"}},
			{Func: "internal/native.inputs.add", Input: "the files of a chart or kustomization", Asks: []string{"Err"}, Programs: []string{"helm-many-files", "helm-gigabyte", "kustomize-gigabyte"}},
			{Func: "internal/git.batch.request", Input: "the size of a file of a revision", Asks: []string{"Reserve"}, Programs: []string{"revision-large-import"}},
		},
		Bounded: bounded("directories of a revision, as deep as a path is long", "internal/git.node.add", "internal/git.node.sort"),
		Programs: []Program{
			helmProgram("helm-hangs", "{}", "exec sleep 1000"),
			helmProgram("helm-hangs-in-child", "{}", "sleep 1000; echo"),
			helmProgram("helm-ignores-signals", "{}", "trap '' TERM INT HUP\nwhile true; do sleep 1; done"),
			helmProgram("helm-endless-output", "{}", "exec yes 'a: b'"),
			helmProgram("helm-endless-errors", "{}", "exec yes 'a: b' >&2"),
			helmProgram("helm-endless-line", "{}", "exec tr '\\0' x </dev/zero"),
			helmProgram("helm-child-keeps-output", "{}", "sleep 1000 &\n"+configMap),
			helmProgram("helm-deep-output", "{}", "head -c 1000000 /dev/zero | tr '\\0' '['"),
			helmProgram("helm-many-documents", "{}", "yes -- \"$(printf -- '---\\nkind: A')\" | head -n 2000000"),
			helmProgram("helm-alias-bomb", "{}", "cat <<'E'\n"+aliasBomb()+"E"),
			helmProgram("helm-long-error", "{}", "head -c 50000000 /dev/zero | tr '\\0' x >&2; exit 1"),
			helmProgram("helm-large-values", "{ values: { a: std.repeat('x', 150000000) } }", configMap),
			helmProgram("helm-many-calls", "{ values: { x: std.foldl(function(a, i) a + std.length(std.native('helmTemplate')('a' + i, './chart', { calledFrom: std.thisFile })), std.range(1, 100000), 0) } }", configMap),
			kustomizeProgram("kustomize-hangs", "exec sleep 1000"),
			kustomizeProgram("kustomize-endless-output", "exec yes 'a: b'"),
			kustomizeProgram("kustomize-child-keeps-output", "(trap '' TERM; sleep 1000) &\necho 'a: ['"),
			kustomizeProgram("kustomize-fails-long", "yes error | head -c 50000000 >&2; exit 1"),
			prepared(helmProgram("helm-many-files", "{}", "exec sleep 1000"), spread(3_000, "chart/templates/#.yaml", "a: 1")),
			prepared(helmProgram("helm-gigabyte", "{}", configMap), sparse("chart/values.yaml", 1<<30)),
			prepared(kustomizeProgram("kustomize-gigabyte", configMap), sparse("base/values.yaml", 1<<30)),
			gitProgram("git-hangs", "sleep 1000 & exec sleep 1000", "affected", "HEAD"),
			gitProgram("git-hangs-where-it-lists", "case \"$*\" in *rev-parse*) pwd; mkdir -p .git;; *) exec sleep 1000;; esac", "env", "list"),
			gitProgram("git-endless-names", "case \"$*\" in *rev-parse*) pwd; mkdir -p .git;; *) exec yes a;; esac", "affected", "HEAD"),
			{
				Name: "revision-large-import", Files: []File{{"main.jsonnet", text("importstr 'large'")}}, Place: "-",
				Prepare: func(dir string) error {
					if err := sparse("large", 256<<20)(dir); err != nil {
						return err
					}
					return changed("large", "")(dir)
				},
				Args: []string{"diff", "--from", "HEAD", "."},
			},
		},
	}
}

// prepared is p with another Prepare.
func prepared(p Program, prepare func(dir string) error) Program {
	p.Prepare = prepare
	return p
}

// sparse makes a file of size bytes that takes no space on the disk.
func sparse(name string, size int64) func(dir string) error {
	return func(dir string) error {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		return errors.Join(f.Truncate(size), f.Close())
	}
}
