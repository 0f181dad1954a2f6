package failure

// The kinds of failures of looking for objects and explaining them, and of checking and
// generating files.
const (
	NoField        = "no-field"
	NoObject       = "no-object"
	SeveralObjects = "several-objects"
	// NoPart, NotRendered, OlderFile, AbsentProject and SeveralSources are of a line
	// of YAML that is traced.
	NoPart         = "no-part"
	NotRendered    = "not-rendered"
	OlderFile      = "older-file"
	AbsentProject  = "absent-project"
	SeveralSources = "several-sources"
	NoSpec         = "no-spec"
	NoContext      = "no-context"
	NoKubeconfig   = "no-kubeconfig"
	HelmTemplate   = "helm-template"
	NoServer       = "no-server"
	// StrayFile, SameDefinition and FixedLibrary are of a library of Kubernetes.
	StrayFile      = "stray-file"
	SameDefinition = "same-definition"
	FixedLibrary   = "fixed-library"
)

// answers is the part of the table that is about questions about a project, and about other
// files.
var answers = []row{
	{NoField, "An object has no field of a path.", []string{
		"did you mean <near>? || <around> has the fields <fields> || <around> is <value>",
	}},
	{NoObject, "An environment has no object of a name.", []string{
		"did you mean <near>? || of that kind there are <same> || there are objects of the kinds <kinds> || the environment has no objects",
	}},
	{SeveralObjects, "A name is that of several objects.", []string{
		"name one of them: <names>",
	}},
	{NoPart, "A line that is to be traced is no part of an object.", []string{
		"the file has <lines>",
	}},
	{NotRendered, "A file to be traced has a value that is no Kubernetes object.", []string{
		"want a file that mop export or mop show has written",
	}},
	{OlderFile, "A file that is to be traced has what the Jsonnet does not give any more.", []string{
		"did you mean <near>? || <around> has the fields <fields> || <around> is <value>",
		"the file is older than the Jsonnet; render it again",
	}},
	{AbsentProject, "A file that is to be traced is from a project that is not here.", []string{
		"run this in that project, or name the environment behind the line",
	}},
	{SeveralSources, "A file that is to be traced may be from several environments.", []string{
		"name the environment behind the line",
	}},
	{NoSpec, "An environment whose spec.json is to be changed has none.", []string{
		"of an inline environment change the resource in <entrypoint>",
		"of any other write <resource> into <file> first",
	}},
	{NoContext, "A kubeconfig has no context of a name.", []string{
		"did you mean <near>? || contexts are <names>",
	}},
	{NoKubeconfig, "There is no kubeconfig.", []string{
		"name the file in the environment variable KUBECONFIG",
	}},
	{HelmTemplate, "A file is no YAML, and has what templates of Helm have.", []string{
		"if it is a template of Helm, render it first: helm template CHART | mop validate -f -",
	}},
	{NoServer, "The API server of a release, which an exact validation asks, is not there.", []string{
		"build it in mop's sources, by \"make apiserver VERSION=<version>\", and put it there",
	}},
	{StrayFile, "A library is to replace a directory that holds other files.", []string{
		"give a new directory as --out, or one that holds such a library only",
	}},
	{SameDefinition, "Definitions cannot stand in one library.", []string{
		"leave a CustomResourceDefinition out, or generate a library of its own for it",
	}},
	{FixedLibrary, "The directory of a library cannot be exchanged with a new one.", []string{
		"give a directory in it as --out",
	}},
}
