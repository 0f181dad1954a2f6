package rules

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/ext"
	"k8s.io/apimachinery/pkg/util/version"
	admissioncel "k8s.io/apiserver/pkg/admission/plugin/cel"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/environment"

	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/internal/release/gates"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// expressions compiles CEL expressions with the API server's own code for a version of
// Kubernetes. It has the library of the version before, so that an API server can be rolled
// back (DefaultCompatibilityVersion in k8s.io/apiserver, pkg/cel/environment/base.go). It
// makes its environments when they are first needed, because that takes some time. It is
// safe for concurrent use.
type expressions struct {
	release *release.Release
	// admission compiles expressions without variables.
	admission func() admissioncel.Compiler
	// devices is for expressions that select devices.
	devices func() *cel.Env
	// composed is the last compiler that knows variables. To make one takes milliseconds,
	// and policies of one author often have the same variables.
	composed atomic.Pointer[composition]
}

func newExpressions(r *release.Release) *expressions {
	x := &expressions{release: r}
	x.admission = sync.OnceValue(func() admissioncel.Compiler { return admissioncel.NewCompiler(x.base()) })
	x.devices = sync.OnceValue(x.deviceEnvironment)
	return x
}

func (x *expressions) base() *environment.EnvSet {
	return environment.MustBaseEnvSet(version.MajorMinor(1, uint(x.release.Compatible())))
}

// typed is an expression and the types that its value can have; it is an
// admissioncel.NamedExpressionAccessor.
type typed struct {
	name, text string
	types      []*cel.Type
}

func (t typed) GetName() string          { return t.name }
func (t typed) GetExpression() string    { return t.text }
func (t typed) ReturnTypes() []*cel.Type { return t.types }

// The types of the values that admission requires.
var (
	truth      = []*cel.Type{cel.BoolType}
	words      = []*cel.Type{cel.StringType}
	annotation = []*cel.Type{cel.StringType, cel.NullType}
	anything   = []*cel.Type{cel.AnyType, cel.DynType}
	patchList  = []*cel.Type{cel.ListType(types.NewObjectType("JSONPatch"))}
	applied    = []*cel.Type{types.NewObjectType("Object")}
)

// expressionRules adds the compilation of the expressions in webhooks and policies and of
// those that select devices. The cost of selecting devices is not estimated.
func expressionRules(s engine.Table, x *expressions) {
	for _, kind := range []string{"Validating", "Mutating"} {
		s.On("admissionregistration.v1."+kind+"Webhook", x.matchConditions)
	}
	for _, v := range []string{"v1alpha1", "v1beta1", "v1"} {
		s.On("admissionregistration."+v+".ValidatingAdmissionPolicySpec", x.matchConditions, x.policyExpressions)
		s.On("admissionregistration."+v+".MutatingAdmissionPolicySpec", x.matchConditions, x.policyExpressions)
	}
	for _, v := range []string{"v1beta1", "v1beta2", "v1"} {
		s.On("resource."+v+".CELDeviceSelector", engine.Field("expression", x.selectsDevices))
	}
}

// matchConditions: the conditions can use the parameters of a policy, but no variables.
func (x *expressions) matchConditions(n engine.Node) {
	variables := admissioncel.OptionalVariableDeclarations{HasParams: n.Field("paramKind").IsSet(), HasAuthorizer: true}
	for _, condition := range n.Field("matchConditions").Items() {
		compiles(condition.Field("expression"), x.admission(), variables, truth)
	}
}

// policyExpressions: the expressions of a policy can use its variables.
func (x *expressions) policyExpressions(n engine.Node) {
	compiler := x.admission()
	known := admissioncel.OptionalVariableDeclarations{HasParams: n.Field("paramKind").IsSet(), HasAuthorizer: true}
	if variables := n.Field("variables"); !variables.IsZero() {
		c, err := x.composition(variables, known)
		if err != nil {
			return
		}
		for i, v := range variables.Items() {
			uncompiled(v.Field("expression"), c.problems[i])
		}
		compiler = c
	}
	for _, v := range n.Field("validations").Items() {
		compiles(v.Field("expression"), compiler, known, truth)
		without := known
		without.HasAuthorizer = false
		compiles(v.Field("messageExpression"), compiler, without, words)
	}
	for _, a := range n.Field("auditAnnotations").Items() {
		compiles(a.Field("valueExpression"), compiler, known, annotation)
	}
	known.HasPatchTypes = true
	for _, m := range n.Field("mutations").Items() {
		compiles(m.Field("jsonPatch", "expression"), compiler, known, patchList)
		compiles(m.Field("applyConfiguration", "expression"), compiler, known, applied)
	}
}

// composition is a compiler of expressions that can use variables.
type composition struct {
	admissioncel.Compiler
	// variables are the names and the expressions in turn. problems says for each variable
	// why it does not compile, nil if it does.
	variables []string
	known     admissioncel.OptionalVariableDeclarations
	problems  []*apiservercel.Error
}

// composition returns a compiler that knows the variables of a policy.
func (x *expressions) composition(variables engine.Node, known admissioncel.OptionalVariableDeclarations) (*composition, error) {
	c := &composition{known: known}
	for _, v := range variables.Items() {
		c.variables = append(c.variables, v.Field("name").Text(), v.Field("expression").Text())
	}
	if last := x.composed.Load(); last != nil && last.known == known && slices.Equal(last.variables, c.variables) {
		return last, nil
	}
	composed, err := admissioncel.NewCompositedCompiler(x.base())
	if err != nil {
		return nil, err
	}
	for v := range slices.Chunk(c.variables, 2) {
		var problem *apiservercel.Error
		if e := (typed{name: v[0], text: v[1], types: anything}); strings.TrimSpace(e.text) != "" {
			problem = composed.CompileAndStoreVariable(e, known, environment.NewExpressions).Error
		}
		c.problems = append(c.problems, problem)
	}
	c.Compiler = composed
	x.composed.Store(c)
	return c, nil
}

// compiles requires an expression whose value has one of the types, if there is one.
func compiles(n engine.Node, compiler admissioncel.Compiler, known admissioncel.OptionalVariableDeclarations, types []*cel.Type) {
	if strings.TrimSpace(n.Text()) != "" {
		uncompiled(n, compiler.CompileCELExpression(typed{text: n.Text(), types: types}, known, environment.NewExpressions).Error)
	}
}

// uncompiled reports why an expression does not compile.
func uncompiled(n engine.Node, err *apiservercel.Error) {
	switch {
	case err == nil:
	case strings.HasPrefix(err.Detail, compilationFailed):
		n.Fail(engine.RuleFormat, celProblem(err.Detail)+", "+n.Got())
	default:
		n.Fail(engine.RuleFormat, err.Detail+", "+n.Got())
	}
}

const compilationFailed = "compilation failed: "

// celProblem removes from the compiler's message the lines that show the expression and
// point to a place in it. The message also gives the place by line and column.
func celProblem(detail string) string {
	var problems []string
	for line := range strings.Lines(strings.TrimPrefix(detail, compilationFailed)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "|") {
			line, _, _ = strings.Cut(strings.TrimPrefix(line, "ERROR: <input>:"), " (in container")
			problems = append(problems, line)
		}
	}
	return "does not compile: " + strings.Join(problems, "; ")
}

// selectsDevices requires an expression that is true or false of a device.
func (x *expressions) selectsDevices(n engine.Node) {
	if strings.TrimSpace(n.Text()) == "" {
		return
	}
	ast, issues := x.devices().Compile(n.Text())
	switch {
	case issues.Err() != nil:
		n.Fail(engine.RuleFormat, celProblem(issues.String())+", "+n.Got())
	case !ast.OutputType().IsExactType(cel.BoolType) && !ast.OutputType().IsExactType(cel.AnyType):
		n.Fail(engine.RuleFormat, "must evaluate to bool but got "+ast.OutputType().String()+", "+n.Got())
	}
}

// deviceEnvironment returns an environment with the device that is selected
// (k8s.io/dynamic-resource-allocation, cel/compile.go).
func (x *expressions) deviceEnvironment() *cel.Env {
	byDomain := func(value *apiservercel.DeclType) *apiservercel.DeclType {
		return apiservercel.NewMapType(apiservercel.StringType, apiservercel.NewMapType(apiservercel.StringType, value, -1), -1)
	}
	members := map[string]*apiservercel.DeclType{
		"driver":     apiservercel.StringType,
		"attributes": byDomain(apiservercel.AnyType),
		"capacity":   byDomain(apiservercel.QuantityDeclType),
	}
	if x.release.Has(gates.DRAConsumableCapacity) {
		members["allowMultipleAllocations"] = apiservercel.BoolType
	}
	fields := map[string]*apiservercel.DeclField{}
	for name, t := range members {
		fields[name] = apiservercel.NewDeclField(name, t, true, nil, nil)
	}
	device := apiservercel.NewObjectType("kubernetes.DRADevice", fields)
	set, err := x.base().Extend(environment.VersionedOptions{
		IntroducedVersion: version.MajorMinor(1, 0),
		EnvOptions:        []cel.EnvOption{ext.Bindings(ext.BindingsVersion(0)), cel.Variable("device", device.CelType())},
		DeclTypes:         []*apiservercel.DeclType{device},
	})
	if err != nil {
		panic("validate: CEL environment for devices: " + err.Error())
	}
	return set.NewExpressionsEnv()
}
