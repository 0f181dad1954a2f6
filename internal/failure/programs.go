package failure

// The kinds of failures of reading and evaluating Jsonnet.
const (
	// EndlessRecursion is code that asks for its own value in the same state.
	EndlessRecursion = "endless-recursion"
	// Recursion is code that calls itself deeper than the stack allows, in a state that
	// changes or is not known.
	Recursion = "recursion"
	// DeepCalls is a stack that is too deep, in which nothing repeats.
	DeepCalls = "deep-calls"
	// StackFull is a stack that is as deep as it can be, whatever the limit.
	StackFull = "stack-full"
	// EndlessValue is a value that holds itself.
	EndlessValue = "endless-value"
	// TimeSpent, MemorySpent and OutputSpent end an evaluation with the budget.
	TimeSpent   = "time-spent"
	MemorySpent = "memory-spent"
	OutputSpent = "output-spent"
	// TooLarge is a request for more memory at once than any useful program needs.
	TooLarge = "too-large"
	// LongParse and LargeParse are a file that takes more than the budget to parse.
	LongParse  = "long-parse"
	LargeParse = "large-parse"
	// LargeFile is a file that does not fit in the allowed memory.
	LargeFile = "large-file"
	// DeepText is code that is nested too deeply to be parsed.
	DeepText = "deep-text"
	// NoImport is an import that leads to no file. RefusedImport is one with a path, among
	// others, that may not be read.
	NoImport      = "no-import"
	RefusedImport = "refused-import"
	// FunctionValue is a function where data is wanted.
	FunctionValue = "function-value"
	// NoArgument and NoParameter are about the program's own function.
	NoArgument  = "no-argument"
	NoParameter = "no-parameter"
	// NoVariable is an external variable that has no value.
	NoVariable = "no-variable"
	// NoStandard is a function that std does not have.
	NoStandard = "no-standard"
)

// The kinds of failures of projects, environments and their objects.
const (
	NoProject         = "no-project"
	InnerProject      = "inner-project"
	NoEnvironment     = "no-environment"
	NoEntrypoint      = "no-entrypoint"
	HoldsEnvironments = "holds-environments"
	ManyEnvironments  = "many-environments"
	// UnknownField and MisspeltField are about a spec.json.
	UnknownField  = "unknown-field"
	MisspeltField = "misspelt-field"
	// The environments that one entrypoint gives.
	NoInline           = "no-inline"
	ManyInline         = "many-inline"
	TwoSpecs           = "two-specs"
	OutsideEnvironment = "outside-environment"
	SameEnvironment    = "same-environment"
	NestedEnvironment  = "nested-environment"
	// Values that are no objects.
	StrayField  = "stray-field"
	StrayItem   = "stray-item"
	StrayValue  = "stray-value"
	NullElement = "null-element"
	// Faults of objects.
	NoName        = "no-name"
	UnquotedValue = "unquoted-value"
	SameObject    = "same-object"
	NoLabelField  = "no-label-field"
	BadTarget     = "bad-target"
	// NoFileName is an object that gets no file name from the format of an export.
	NoFileName = "no-file-name"
)

// programs is the part of the table that is about code, projects and objects.
var programs = []row{
	{EndlessRecursion, "Code asks for its own value, and nothing has changed since it did before: no limit is high enough.", []string{
		"function <function> leads back to itself by way of <by> with nothing changed: it has no end || " +
			"<at> leads back to itself by way of <by> with nothing changed: it has no end || " +
			"<at> leads back to itself with nothing changed: it has no end || " +
			"what is evaluated leads back to itself with nothing changed: it has no end",
	}},
	{Recursion, "Code asks for itself again and again, each time in another state or in one that is not known, deeper than the stack may be.", []string{
		"function <function> leads back to itself by way of <by>; where that has an end, --max-stack allows for more || " +
			"<at> leads back to itself by way of <by>; where that has an end, --max-stack allows for more || " +
			"<at> leads back to itself; where that has an end, --max-stack allows for more || " +
			"what is evaluated leads back to itself; where that has an end, --max-stack allows for more",
	}},
	{DeepCalls, "Calls or values are nested deeper than the stack may be, without a loop.", []string{
		"--max-stack allows for more",
	}},
	{StackFull, "Calls or values are nested as deeply as mop can go.", []string{
		"function <function> leads back to itself by way of <by>: --max-stack allows for no more; a call with tailstrict in the last place takes no stack || " +
			"--max-stack allows for no more",
	}},
	{EndlessValue, "A value that is to be written holds itself.", []string{
		"<field> is <value> itself: hide it with a double colon (::) || " +
			"<field> is the whole result itself: hide it with a double colon (::)",
	}},
	{TimeSpent, "An evaluation takes longer than it may.", []string{
		"look for a loop without an end; --timeout allows for more",
	}},
	{MemorySpent, "An evaluation takes more memory than it may.", []string{
		"look for a loop without an end; --max-memory allows for more",
	}},
	{OutputSpent, "An evaluation traces more than it may.", []string{
		"look for std.trace in a loop; --max-output allows for more",
	}},
	{TooLarge, "One value takes more memory than a value may, whatever the limit.", nil},
	{LongParse, "The time is over, or would be, before a file is parsed.", []string{
		"to parse the file takes longer than is left of the time; --timeout allows for more",
	}},
	{LargeParse, "To parse a file takes more memory than is left.", []string{
		"to parse the file takes more than is left of the memory; --max-memory allows for more",
	}},
	{LargeFile, "A file that is imported is larger than the memory that there may be.", []string{
		"the file is too large for the memory that there is; --max-memory allows for more",
	}},
	{DeepText, "Code is nested too deeply to be parsed.", nil},
	{NoImport, "An import leads to no file.", []string{
		"run mop vendor install: <package> is not installed || did you mean \"<near>\"?",
		"looked for <tried>",
	}},
	{RefusedImport, "An import leads to no file, or to one that may not be read.", []string{
		"run mop vendor install: <package> is not installed || did you mean \"<near>\"?",
		"looked for <tried>",
		"did not look for <refused...>",
		"<flag> adds a directory to what may be read",
	}},
	{FunctionValue, "There is a function where data is to be.", []string{
		"call the function, or hide the field that holds it with ::",
	}},
	{NoArgument, "The program is a function, and a parameter without a default has no argument.", []string{
		"give it with --tla-str <name>=TEXT or --tla-code <name>=VALUE",
	}},
	{NoParameter, "The program is a function, and an argument is for a parameter that it does not have.", []string{
		"did you mean <near>? || its parameters are <parameters> || it has no parameters",
	}},
	{NoVariable, "The program asks for an external variable that has no value.", []string{
		"did you mean <near>?",
		"give it with --ext-str <name>=TEXT or --ext-code <name>=VALUE",
	}},
	{NoStandard, "The program asks for a function of std that std does not have.", []string{
		"did you mean std.<near>?",
	}},
	{NoProject, "No directory from here up is the root of a project.", []string{
		"create an empty \"jsonnetfile.json\" ({}) in the project's root",
	}},
	{InnerProject, "A project is to be made in one whose root would remain the root.", []string{
		"add an environment to that project",
	}},
	{NoEnvironment, "An argument is no environment, directory or file, nor the beginning of an environment's name.", []string{
		"did you mean <near>? || environments are <all> || an environment is a directory with a <entrypoint>, or a Jsonnet file by its name || an environment is a directory with a main.jsonnet; the project has none",
	}},
	{NoEntrypoint, "A directory is no environment's.", []string{
		"environments below it: <below>",
	}},
	{HoldsEnvironments, "An environment that is to be removed has others below it.", []string{
		"remove these first",
	}},
	{ManyEnvironments, "An argument is the beginning of the names of several environments.", []string{
		"give more of the name",
	}},
	{UnknownField, "A spec.json has a field that an environment does not have.", []string{
		"did you mean <near>? || known fields are <known>",
	}},
	{MisspeltField, "A spec.json spells a field in other letters, small or capital.", []string{
		"spell it <name>",
	}},
	{NoInline, "An entrypoint gives no environment of a name.", []string{
		"did you mean <near>? || its environments are <all>",
		"write it behind a colon, as in <example>",
	}},
	{ManyInline, "An entrypoint gives several environments, and a command wants one.", []string{
		"select one by its name: <all>",
		"write it behind a colon, as in <example>",
	}},
	{TwoSpecs, "An entrypoint gives an Environment resource, and its directory has a spec.json.", []string{
		"remove spec.json to make the environment an inline one, or the resource to keep it static",
	}},
	{OutsideEnvironment, "An entrypoint gives an object that is in none of its environments.", []string{
		"move it into the data of an Environment",
	}},
	{SameEnvironment, "An entrypoint gives two environments of one name.", []string{
		"give one of them another metadata.name",
	}},
	{NestedEnvironment, "An environment holds an Environment resource.", []string{
		"environments do not nest; let them stand side by side",
	}},
	{StrayField, "A field among objects is no object.", []string{
		"hide what is no Kubernetes object with a double colon (::)",
	}},
	{StrayItem, "An item of a Kubernetes list is no object.", []string{
		"the items of a list are Kubernetes objects",
	}},
	{StrayValue, "An environment has a value that is no object.", []string{
		"a result is Kubernetes objects, or objects and arrays that hold them",
	}},
	{NullElement, "An element of an array among objects is null.", []string{
		"leave the element out where the condition is false, as [x for x in xs if x != null] does",
	}},
	{NoName, "An object has no name.", []string{
		"set metadata.name, or metadata.generateName to have one made",
	}},
	{UnquotedValue, "The value of a label or an annotation is no string.", []string{
		"quote the value",
	}},
	{SameObject, "An environment gives an object twice.", []string{
		"give one of them another name, or hide it with a double colon (::)",
	}},
	{NoLabelField, "The label of an environment is made of a field that the environment does not have.", []string{
		"name a field of the environment such as .metadata.name or .metadata.labels.cluster",
	}},
	{BadTarget, "A target is no regular expression.", []string{
		"a target is a regular expression over Kind/name, such as deployment/web or 'secret/.*'",
	}},
	{NoFileName, "The format of an export makes a name of a value that an object does not have.", []string{
		"say what stands for it where it is missing: {{or .metadata.namespace \"none\"}}",
	}},
}
