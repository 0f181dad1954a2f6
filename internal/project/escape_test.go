package project_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/native"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/pkg/diag"
)

// secret is the text of all files outside the project.
const secret = "TOP-SECRET"

// escapeTree makes a git work tree with the project p, and a directory outside of both.
func escapeTree(t *testing.T) string {
	files := map[string]string{
		"outside/secret.txt":                     secret,
		"outside/secret.libsonnet":               "'" + secret + "'",
		"outside/secret.yaml":                    "a: " + secret,
		"outside/main.jsonnet":                   "'" + secret + "'",
		"outside/a.libsonnet":                    "'" + secret + "'",
		"outside/back":                           "->../repo/p/lib/inside.txt",
		"outside/up":                             "->secret.txt",
		"outside/chart/Chart.yaml":               "name: " + secret,
		"outside/chart/values.yaml":              "a: " + secret,
		"outside/kust/kustomization.yaml":        "namePrefix: " + secret,
		"outside/kust/res.yaml":                  "kind: " + secret,
		"outside/empty/.keep":                    secret,
		"repo/.git/HEAD":                         "ref: refs/heads/main # " + secret,
		"repo/.git/config":                       secret,
		"repo/.git/a.libsonnet":                  "'" + secret + "'",
		"repo/.git/chart/Chart.yaml":             secret,
		"repo/nested/.git/HEAD":                  secret,
		"repo/nested/.git/config":                secret,
		"repo/nested/a.txt":                      "inside",
		"repo/module/.git":                       "gitdir: ../.git/modules/" + secret,
		"repo/p/jsonnetfile.json":                `{"version": 1, "dependencies": [{"source": {"local": {"directory": "../../outside"}}}, {"source": {"local": {"directory": "../../outside/chart"}}}]}`,
		"repo/p/lib/inside.txt":                  "inside",
		"repo/p/lib/a.libsonnet":                 "'inside'",
		"repo/p/lib/.git/config":                 secret,
		"repo/p/environments/e/main.jsonnet":     "{}",
		"repo/p/links/file":                      "->../../../outside/secret.txt",
		"repo/p/links/file.libsonnet":            "->../../../outside/secret.libsonnet",
		"repo/p/links/file.yaml":                 "->../../../outside/secret.yaml",
		"repo/p/links/absolute":                  "->ROOT/outside/secret.txt",
		"repo/p/links/dir":                       "->../../../outside",
		"repo/p/links/absolute-dir":              "->ROOT/outside",
		"repo/p/links/chain":                     "->chain2",
		"repo/p/links/chain2":                    "->dir/up",
		"repo/p/links/through":                   "->dir/secret.txt",
		"repo/p/links/parent":                    "->../../..",
		"repo/p/links/root":                      "->/",
		"repo/p/links/proc":                      "->/proc/self/root",
		"repo/p/links/loop":                      "->loop",
		"repo/p/links/outside-loop":              "->../../../outside/loop",
		"repo/p/links/dangling":                  "->../../../outside/nothing",
		"repo/p/links/dangling-dir":              "->../../../outside/nothing/here",
		"repo/p/links/gitdir":                    "->../../.git",
		"repo/p/links/gitconfig":                 "->../../.git/config",
		"repo/p/links/long":                      "->" + strings.Repeat("../links/", 300) + "../../../outside/secret.txt",
		"repo/p/vendor/outside":                  "->../../../outside",
		"repo/p/vendor/chart":                    "->../../../outside/chart",
		"repo/p/vendor/secret.txt":               "->../../../outside/secret.txt",
		"repo/p/vendor-jsonnet/linked":           "->../../../outside",
		"repo/p/lib/linked":                      "->../../../outside",
		"repo/p/environments/e/vendor/own":       "->../../../../../outside",
		"repo/p/globbed/x.txt":                   "->../../../outside/secret.txt",
		"repo/p/globbed/sub":                     "->../../../outside",
		"repo/p/charts/file/Chart.yaml":          "->../../../../outside/chart/Chart.yaml",
		"repo/p/charts/dir/templates":            "->../../../../outside",
		"repo/p/charts/dangling/values.yaml":     "->../../../../outside/nothing",
		"repo/p/charts/git/Chart.yaml":           "->../../../.git/config",
		"repo/p/charts/link":                     "->../../../outside/chart",
		"repo/p/charts/empty":                    "->../../../outside/empty",
		"repo/p/kust/res/kustomization.yaml":     "resources: [../../../../outside/kust/res.yaml]",
		"repo/p/kust/base/kustomization.yaml":    "resources: [../../../../outside/kust]",
		"repo/p/kust/deep/kustomization.yaml":    "resources: [../base]",
		"repo/p/kust/gen/kustomization.yaml":     "configMapGenerator: [{name: x, files: [key=../../../../outside/secret.txt]}]",
		"repo/p/kust/env/kustomization.yaml":     "configMapGenerator: [{name: x, envs: [../../../../outside/secret.txt]}]",
		"repo/p/kust/patch/kustomization.yaml":   "patches: [{path: ../../../../outside/secret.yaml}]",
		"repo/p/kust/link/kustomization.yaml":    "resources: [linked.yaml]",
		"repo/p/kust/link/linked.yaml":           "->../../../../outside/kust/res.yaml",
		"repo/p/kust/linkdir/kustomization.yaml": "resources: [linked]",
		"repo/p/kust/linkdir/linked":             "->../../../../outside/kust",
		"repo/p/kust/none/kustomization.yaml":    "configMapGenerator: [{name: x, files: [ROOT/outside/secret.txt]}]",
		"repo/p/kust/config/kustomization.yaml":  "generators: [generator.yaml]",
		"repo/p/kust/config/generator.yaml":      "kind: ConfigMapGenerator\nfiles: [../../../../outside/secret.txt]",
		"repo/p/kust/git/kustomization.yaml":     "configMapGenerator: [{name: x, files: [../../../.git/config]}]",
		"repo/p/kust/self":                       "->../../../outside/kust",
		"bin/program":                            "#!/bin/sh\necho 'kind: X'\necho 'metadata: {name: " + secret + "}'\n",
	}
	root := tree(t, files)
	none := filepath.Join(root, "repo/p/kust/none/kustomization.yaml")
	require.NoError(t, os.WriteFile(none, []byte(strings.ReplaceAll(files["repo/p/kust/none/kustomization.yaml"], "ROOT", root)), 0o666))
	require.NoError(t, os.Chmod(filepath.Join(root, "bin/program"), 0o777))
	return root
}

// names are ways to write the name of the secret from environments/e.
func escapeNames(root string) map[string]string {
	out := root + "/outside/secret"
	return map[string]string{
		"parents":                      "../../../../outside/secret",
		"parents from lib":             "../../../outside/secret",
		"parents from vendor":          "../../../../../outside/secret",
		"double slash":                 "../../../..//outside//secret",
		"dots between":                 "./.././../../../outside/./secret",
		"down and up":                  "../../lib/../../../outside/secret",
		"through nothing":              "nothing/../../../../../outside/secret",
		"through a file":               "main.jsonnet/../../../../../outside/secret",
		"back through the project":     "../../../../repo/p/../../outside/secret",
		"through the root of all":      "../../../../../../../../../../../../../../.." + out,
		"absolute":                     out,
		"absolute, double slash":       "/" + out,
		"absolute, many slashes":       "////" + out,
		"absolute, dots":               "/." + out,
		"absolute, parents":            "/x/.." + out,
		"absolute through the project": root + "/repo/p/../../outside/secret",
		"the process's root":           "/proc/self/root" + out,
		"the process's directory":      "/proc/self/cwd/../../.." + out,
		"the thread's root":            "/proc/thread-self/root" + out,
		"link to a directory":          "../../links/dir/secret",
		"absolute link to a directory": "../../links/absolute-dir/secret",
		"link to the parent":           "../../links/parent/outside/secret",
		"link to the root of all":      "../../links/root" + out,
		"link to the process's root":   "../../links/proc" + out,
		"link out and back and out":    "../../links/parent/repo/p/links/dir/secret",
		"link in lib":                  "linked/secret",
		"link in vendor":               "outside/secret",
		"link in the environment":      "own/secret",
		"absolute name of a link":      root + "/repo/p/links/dir/secret",
		"link, dots":                   "../../links/dir/./../dir/secret",
		"percent":                      "%2e%2e/%2e%2e/%2e%2e/%2e%2e/outside/secret",
		"percent slash":                "..%2f..%2f..%2f..%2foutside%2fsecret",
		"backslash":                    `..\..\..\..\outside\secret`,
		"mixed slashes":                `..\../..\../outside/secret`,
		"file scheme":                  "file://" + out,
		"file scheme, local":           "file:" + out,
		"home":                         "~/../../.." + out,
		"variable":                     "$HOME/../../../.." + out,
		"spaces":                       " ../../../../outside/secret",
		"dots like dots":               "․․/․․/․․/․․/outside/secret",
		"zero width":                   ".\u200b./.\u200b./outside/secret",
		"three dots":                   ".../.../outside/secret",
		"long":                         strings.Repeat("x/../", 2000) + "../../../../outside/secret",
		"very long":                    strings.Repeat("y", 5000) + "/../../../../../outside/secret",
		"deep":                         strings.Repeat("z/", 3000) + strings.Repeat("../", 3000) + "../../../../outside/secret",
		"endless":                      strings.Repeat("w/", 200_000) + "/../../../../../outside/secret",
		"case":                         "../../../../OUTSIDE/secret",
		"zero byte before":             "\x00/../../../../../outside/secret",
		"line break":                   "\n/../../../../../outside/secret",
	}
}

// escape is an attempt to read a secret, as Jsonnet.
type escape struct {
	name, code string
	// tells is set if the outcome may depend on files outside: for a link there that leads
	// back, and for an absolute path, which kustomize reads anywhere.
	tells bool
}

func escapes(root string) []escape {
	var all []escape
	add := func(name, format string, args ...any) {
		for i, a := range args {
			args[i] = eval.Literal(a.(string))
		}
		tells := strings.Contains(name, "links/dir/back") || strings.HasSuffix(name, "unrestricted, none")
		all = append(all, escape{name, fmt.Sprintf(format, args...), tells})
	}
	for name, file := range escapeNames(root) {
		add("import, "+name, "import %s", file+".libsonnet")
		add("importstr, "+name, "importstr %s", file+".txt")
		add("importbin, "+name, "importbin %s", file+".txt")
		add("yaml, "+name, "import %s", "yaml:"+file+".yaml")
		add("yaml-stream, "+name, "import %s", "yaml-stream:"+file+".yaml")
		add("glob-import, "+name, "import %s", "glob-import:"+file+".*")
		add("glob-importstr, "+name, "import %s", "glob-importstr:"+strings.TrimSuffix(file, "secret")+"*")
		add("helmTemplate, "+name, "std.native('helmTemplate')('x', %s, { calledFrom: 'environments/e/main.jsonnet' })", strings.TrimSuffix(file, "secret")+"chart")
		add("kustomizeBuild, "+name, "std.native('kustomizeBuild')(%s, { calledFrom: 'environments/e/main.jsonnet' })", strings.TrimSuffix(file, "secret")+"kust")
	}
	for _, name := range []string{
		"links/file", "links/absolute", "links/chain", "links/through", "links/loop", "links/outside-loop", "links/dangling",
		"links/dangling-dir/x", "links/long", "links/gitconfig", "links/gitdir/config", "links/dir/up", "links/dir/back/x",
		"links/file/", "links/file/.", "links/dir/secret.txt/", "vendor/secret.txt", "links/parent/outside/up",
		"../.git/config", "../.git/HEAD", "../.git/", "../.git/./config", "lib/.git/config", "../nested/.git/config", "../module/.git",
		"../.git/../.git/config", "../nested/../.git/config", "links/parent/repo/.git/config",
	} {
		add("importstr "+name, "importstr %s", "../../"+name)
		add("yaml "+name, "import %s", "yaml:../../"+name)
		add("absolute "+name, "importstr %s", root+"/repo/p/"+name)
		add("glob "+name, "import %s", "glob-importstr:../../"+name+"*")
		add("glob below "+name, "import %s", "glob-importstr:../../"+name+"/**")
	}
	for _, name := range []string{"/dev/stdin", "/dev/fd/0", "/proc/self/environ", "/proc/self/fd/0", "/etc/passwd", "/", "/proc/self/exe"} {
		add("importbin "+name, "importbin %s", name)
		add("glob "+name, "import %s", "glob-importstr:"+name+"*")
	}
	for _, pattern := range []string{
		"../../globbed/*", "../../globbed/**", "../../globbed/sub/*", "../../globbed/s?b/secret.*", "../../globbed/{sub,x}/**",
		"../../links/*", "../../links/**", "../../links/d[i]r/*", "../../links/dir/**/*.txt", "../../{links/dir,x}/*",
		"{../../../../outside,x}/*", "../../../../{outside,x}/*", "../../../../outsid?/secret.txt", "../../../../*/secret.txt",
		"../../../../**", "../../../../../**/secret.txt", "/../../outside/*", "**/../../../../../outside/*", "*/../../../../../outside/*",
		"../../../.git/*", "../../../.git/**", "../../../.g*/*", "../../../{.git,x}/*", "../../../**/config", "../../lib/.git/*", `../../../\.git/*`, "../../../.gi[t]/*",
		"../../vendor/*", "../../vendor/**/*.txt", "../../vendor/outside/*", "../../lib/linked/**",
	} {
		add("glob-importstr "+pattern, "import %s", "glob-importstr:"+pattern)
	}
	for _, chart := range []string{"charts/file", "charts/dir", "charts/dangling", "charts/git", "charts/link", "charts/empty", "vendor/chart", "../.git/chart", "../.git", "links/parent", "links/root", "links/file", "../../outside/nothing", "../../outside/empty"} {
		add("helmTemplate of "+chart, "std.native('helmTemplate')('x', %s, { calledFrom: 'environments/e/main.jsonnet' })", "../../"+chart)
		add("helmTemplate from elsewhere, "+chart, "std.native('helmTemplate')('x', %s, { calledFrom: 'x' })", chart)
	}
	add("helmTemplate called from outside", "std.native('helmTemplate')('x', 'chart', { calledFrom: %s })", root+"/outside/x")
	add("helmTemplate with a flag for a name", "std.native('helmTemplate')(%s, '../../charts/file', { calledFrom: 'environments/e/main.jsonnet' })", "--values="+root+"/outside/secret.yaml")
	for _, dir := range []string{"res", "base", "deep", "gen", "env", "patch", "link", "linkdir", "git", "self"} {
		add("kustomizeBuild of "+dir, "std.native('kustomizeBuild')(%s, { calledFrom: 'environments/e/main.jsonnet' })", "../../kust/"+dir)
	}
	for _, dir := range []string{"res", "none", "config", "gen"} {
		add("kustomizeBuild unrestricted, "+dir, "std.native('kustomizeBuild')(%s, { calledFrom: 'environments/e/main.jsonnet', loadRestrictor: 'LoadRestrictionsNone' })", "../../kust/"+dir)
	}
	return all
}

// outcomes evaluates attempts as the code of environments/e.
func outcomes(t *testing.T, root string, attempts []escape) []string {
	t.Helper()
	p, err := project.Find(filepath.Join(root, "repo/p"), project.Options{})
	require.NoError(t, err)
	all := make([]string, len(attempts))
	for i, a := range attempts {
		all[i] = outcome(t, root, p, a.code)
	}
	return all
}

func outcome(t *testing.T, root string, p *project.Project, code string) string {
	t.Helper()
	program := filepath.Join(root, "bin/program")
	res, err := eval.Eval(t.Context(), eval.NewFiles(p, 0), eval.Input{
		Snippet: code, Dir: "environments/e", SearchPath: p.SearchPath("environments/e"),
		Natives: native.Functions(native.Options{Helm: program, Kustomize: program, Files: p, Environ: []string{"PATH=/usr/bin:/bin"}}),
	})
	if err != nil {
		if _, ok := diag.From(err); !ok {
			return err.Error()
		}
		return render(t, err)
	}
	text, err := json.Marshal(res.Value)
	require.NoError(t, err)
	return string(text)
}

// No spelling, link or scheme reads a file outside, and no attempt shows whether it exists.
func TestEscapes(t *testing.T) {
	root := escapeTree(t)
	attempts := escapes(root)
	require.GreaterOrEqual(t, len(attempts), 500)
	outside, gone := filepath.Join(root, "outside"), filepath.Join(root, "gone")
	git, noGit := filepath.Join(root, "repo/.git"), filepath.Join(root, "repo/no-git")
	for _, fence := range []string{"work tree", "root"} {
		if fence == "root" {
			require.NoError(t, os.Rename(git, noGit))
		}
		there := outcomes(t, root, attempts)
		for i, a := range attempts {
			assert.NotContains(t, there[i], secret, "%s: %s: %s", fence, a.name, a.code)
			assert.NotContains(t, there[i], "root:x:0", "%s: %s: %s", fence, a.name, a.code)
		}
		require.NoError(t, os.Rename(outside, gone))
		absent := outcomes(t, root, attempts)
		for i, a := range attempts {
			if !a.tells {
				assert.Equal(t, absent[i], there[i], "%s: %s: %s", fence, a.name, a.code)
			}
		}
		require.NoError(t, os.Rename(gone, outside))
	}
}
