package validate

import (
	"strings"
	"sync"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/ext"
	"k8s.io/apimachinery/pkg/util/version"
	admissioncel "k8s.io/apiserver/pkg/admission/plugin/cel"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/environment"

	"github.com/mop-platform/mop/pkg/release"
	"github.com/mop-platform/mop/pkg/release/gates"
)

// expressions compiles CEL expressions with the API server's own code, for what
// is there in a version of Kubernetes: the library of the version before it, so
// that an API server can be rolled back (DefaultCompatibilityVersion in
// k8s.io/apiserver, pkg/cel/environment/base.go). It makes its environments
// when they are first needed, for that takes some time, and is safe for
// concurrent use.
type expressions struct {
	release *release.Release
	// admission compiles what says nothing of variables.
	admission func() admissioncel.Compiler
	// devices is for expressions that select devices.
	devices func() *cel.Env
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

// The types of what admission asks for.
var (
	truth      = []*cel.Type{cel.BoolType}
	words      = []*cel.Type{cel.StringType}
	annotation = []*cel.Type{cel.StringType, cel.NullType}
	anything   = []*cel.Type{cel.AnyType, cel.DynType}
	patchList  = []*cel.Type{cel.ListType(types.NewObjectType("JSONPatch"))}
	applied    = []*cel.Type{types.NewObjectType("Object")}
)

// expressionRules adds the compilation of the expressions in webhooks and
// policies (k8s.io/kubernetes, pkg/apis/admissionregistration/validation) and of
// those that select devices (pkg/apis/resource/validation: validateSelector).
// What it would cost to select devices is not estimated.
func expressionRules(s table, x *expressions) {
	for _, kind := range []string{"Validating", "Mutating"} {
		s.on("admissionregistration.v1."+kind+"Webhook", x.matchConditions)
	}
	for _, v := range []string{"v1alpha1", "v1beta1", "v1"} {
		s.on("admissionregistration."+v+".ValidatingAdmissionPolicySpec", x.matchConditions, x.policyExpressions)
		s.on("admissionregistration."+v+".MutatingAdmissionPolicySpec", x.matchConditions, x.policyExpressions)
	}
	for _, v := range []string{"v1beta1", "v1beta2", "v1"} {
		s.on("resource."+v+".CELDeviceSelector", field("expression", x.selectsDevices))
	}
}

// matchConditions: the conditions know the parameters that a policy has, but no
// variables.
func (x *expressions) matchConditions(n node) {
	variables := admissioncel.OptionalVariableDeclarations{HasParams: n.field("paramKind").set(), HasAuthorizer: true}
	for _, condition := range n.field("matchConditions").items() {
		compiles(condition.field("expression"), x.admission(), variables, truth)
	}
}

// policyExpressions: what a policy says can use the variables that it has.
func (x *expressions) policyExpressions(n node) {
	var compiler admissioncel.Compiler
	known := admissioncel.OptionalVariableDeclarations{HasParams: n.field("paramKind").set(), HasAuthorizer: true}
	if variables := n.field("variables"); !variables.zero() {
		composed, err := admissioncel.NewCompositedCompiler(x.base())
		if err != nil {
			return
		}
		for _, v := range variables.items() {
			e := typed{name: v.field("name").text(), text: v.field("expression").text(), types: anything}
			if strings.TrimSpace(e.text) != "" {
				uncompiled(v.field("expression"), composed.CompileAndStoreVariable(e, known, environment.NewExpressions).Error)
			}
		}
		compiler = composed
	} else {
		compiler = x.admission()
	}
	for _, v := range n.field("validations").items() {
		compiles(v.field("expression"), compiler, known, truth)
		without := known
		without.HasAuthorizer = false
		compiles(v.field("messageExpression"), compiler, without, words)
	}
	for _, a := range n.field("auditAnnotations").items() {
		compiles(a.field("valueExpression"), compiler, known, annotation)
	}
	known.HasPatchTypes = true
	for _, m := range n.field("mutations").items() {
		compiles(m.field("jsonPatch", "expression"), compiler, known, patchList)
		compiles(m.field("applyConfiguration", "expression"), compiler, known, applied)
	}
}

// compiles asks for an expression with a value of one of some types, where there
// is one.
func compiles(n node, compiler admissioncel.Compiler, known admissioncel.OptionalVariableDeclarations, types []*cel.Type) {
	if strings.TrimSpace(n.text()) != "" {
		uncompiled(n, compiler.CompileCELExpression(typed{text: n.text(), types: types}, known, environment.NewExpressions).Error)
	}
}

// uncompiled reports why an expression does not compile.
func uncompiled(n node, err *apiservercel.Error) {
	switch {
	case err == nil:
	case strings.HasPrefix(err.Detail, compilationFailed):
		n.fail(ruleFormat, celProblem(err.Detail)+", "+n.got())
	default:
		n.fail(ruleFormat, err.Detail+", "+n.got())
	}
}

const compilationFailed = "compilation failed: "

// celProblem leaves out of what the compiler says the lines that show the
// expression and point to a place in it, which it gives by line and column.
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

// selectsDevices asks for an expression that is true or false of a device.
func (x *expressions) selectsDevices(n node) {
	if strings.TrimSpace(n.text()) == "" {
		return
	}
	ast, issues := x.devices().Compile(n.text())
	switch {
	case issues.Err() != nil:
		n.fail(ruleFormat, celProblem(issues.String())+", "+n.got())
	case !ast.OutputType().IsExactType(cel.BoolType) && !ast.OutputType().IsExactType(cel.AnyType):
		n.fail(ruleFormat, "must evaluate to bool but got "+ast.OutputType().String()+", "+n.got())
	}
}

// deviceEnvironment knows the device that is to be selected
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
