package diag

// The kinds of what goes wrong where Jsonnet is read and evaluated.
const (
	// EndlessRecursion is code that asks for itself in the same state.
	EndlessRecursion Kind = "endless-recursion"
	// Recursion is code that asks for itself, in a state that changes or is not
	// known, deeper than the stack may be.
	Recursion Kind = "recursion"
	// DeepCalls is too deep a stack in which nothing repeats itself.
	DeepCalls Kind = "deep-calls"
	// StackFull is a stack that is as deep as it can be, whatever the limit.
	StackFull Kind = "stack-full"
	// EndlessValue is a value that holds itself.
	EndlessValue Kind = "endless-value"
	// TimeSpent, MemorySpent and OutputSpent end an evaluation with the budget.
	TimeSpent   Kind = "time-spent"
	MemorySpent Kind = "memory-spent"
	OutputSpent Kind = "output-spent"
	// TooLarge is more memory at once than anything honest takes.
	TooLarge Kind = "too-large"
	// LongParse and LargeParse are a file whose text takes more than the budget has
	// before anything is evaluated.
	LongParse  Kind = "long-parse"
	LargeParse Kind = "large-parse"
	// LargeFile is a file that does not fit in the memory that there may be.
	LargeFile Kind = "large-file"
	// DeepText is code that is nested too deeply to be parsed.
	DeepText Kind = "deep-text"
	// NoImport is an import of what is not there, RefusedImport one that leads, also,
	// to what may not be read.
	NoImport      Kind = "no-import"
	RefusedImport Kind = "refused-import"
	// FunctionValue is a function where data is to be.
	FunctionValue Kind = "function-value"
	// NoArgument and NoParameter are of the program's own function.
	NoArgument  Kind = "no-argument"
	NoParameter Kind = "no-parameter"
	// NoVariable is an external variable that has no value.
	NoVariable Kind = "no-variable"
	// NoStandard is a function that std does not have.
	NoStandard Kind = "no-standard"
)

// row is what is known of a kind. A hint has the names of values in braces, and is
// given where these are known; of several between bars that is the first.
type row struct {
	kind    Kind
	meaning string
	hints   []string
}

// advice is the one table of what mends what.
var advice = []row{
	{EndlessRecursion, "Code asks for its own value, and nothing has changed since it did before: no limit is high enough.", []string{
		"function {function} leads back to itself by way of {by} with nothing changed: it has no end | " +
			"{at} leads back to itself by way of {by} with nothing changed: it has no end | " +
			"{at} leads back to itself with nothing changed: it has no end | " +
			"what is evaluated leads back to itself with nothing changed: it has no end",
	}},
	{Recursion, "Code asks for itself again and again, each time in another state or in one that is not known, deeper than the stack may be.", []string{
		"function {function} leads back to itself by way of {by}; where that has an end, --max-stack allows for more | " +
			"{at} leads back to itself by way of {by}; where that has an end, --max-stack allows for more | " +
			"{at} leads back to itself; where that has an end, --max-stack allows for more | " +
			"what is evaluated leads back to itself; where that has an end, --max-stack allows for more",
	}},
	{DeepCalls, "Calls or values stand in one another deeper than the stack may be, and none twice.", []string{
		"--max-stack allows for more",
	}},
	{StackFull, "Calls or values stand in one another as deep as mop can go.", []string{
		"function {function} leads back to itself by way of {by}: --max-stack allows for no more; a call with tailstrict in the last place takes no stack | " +
			"--max-stack allows for no more",
	}},
	{EndlessValue, "A value that is to be written holds itself.", []string{
		"{field} is {value} itself: hide it with a double colon (::) | " +
			"{field} is the whole result itself: hide it with a double colon (::)",
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
		"looked for {tried}",
	}},
	{RefusedImport, "An import leads to no file, or to one that may not be read.", []string{
		"looked for {tried}",
		"did not look for {refused...}",
		"{flag} adds a directory to what may be read",
	}},
	{FunctionValue, "There is a function where data is to be.", []string{
		"call the function, or hide the field that holds it with ::",
	}},
	{NoArgument, "The program is a function, and a parameter without a default has no argument.", []string{
		"give it with --tla-str {name}=TEXT or --tla-code {name}=VALUE",
	}},
	{NoParameter, "The program is a function, and an argument is for a parameter that it does not have.", []string{
		"did you mean {near}? | its parameters are {parameters} | it has no parameters",
	}},
	{NoVariable, "The program asks for an external variable that has no value.", []string{
		"did you mean {near}?",
		"give it with --ext-str {name}=TEXT or --ext-code {name}=VALUE",
	}},
	{NoStandard, "The program asks for a function of std that std does not have.", []string{
		"did you mean std.{near}?",
	}},
}
