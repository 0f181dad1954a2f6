package crd

import (
	"encoding/json"
	"sync"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apimachinery/pkg/util/version"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/kube-openapi/pkg/validation/spec"

	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/pkg/manifest"
)

// compiled is what objects of a version are checked with. Without a schema all of it is
// nil, and any object is valid.
type compiled struct {
	// structural has defaults; it is nil if the schema is not structural and need not be.
	structural *structuralschema.Structural
	openAPI    *spec.Schema
	validator  validation.SchemaValidator
	// rules compiles the CEL rules when it is first called; it returns nil if there are
	// none. They were compiled before, to estimate their cost, but in an environment that
	// cannot run them.
	rules func() *cel.Validator
}

// compatibility returns the version of Kubernetes whose CEL library and formats can be
// used.
func compatibility(r *release.Release) *version.Version {
	return version.MajorMinor(1, uint(r.Compatible()))
}

// compile sets compiled, or problems (validateCustomResourceDefinitionValidation
// in pkg/apis/apiextensions/validation/validation.go).
func (v *Version) compile() {
	v.compiled = &compiled{}
	if v.schema == nil {
		return
	}
	props, err := decodeSchema(v.schema)
	if err != nil {
		v.problems = unreadableSchema(v.at, v.schema)
		return
	}
	at := fieldPath(v.at)
	errs := append(v.checkRoot(at), checkStructure(at, props)...)
	if len(errs) == 0 {
		v.compiled.structural, errs = v.structural(at, props)
	}
	if len(errs) == 0 && v.compiled.structural != nil {
		errs = v.checkSelectable(v.compiled.structural)
	}
	if len(errs) == 0 {
		v.compiled.openAPI, err = openAPI(props, v.release)
		if err != nil {
			errs = field.ErrorList{field.Invalid(at, "", err.Error())}
		}
		v.compiled.validator = validation.NewSchemaValidatorFromOpenAPI(v.compiled.openAPI)
	}
	v.problems = sorted(v.definitionProblems(errs))
	v.compiled.rules = sync.OnceValue(func() *cel.Validator {
		return cel.NewValidator(v.compiled.structural, true, celconfig.PerCallLimit)
	})
}

// structural returns a schema as a structural one that is ready for use, or nil if it need
// not be structural and is not. The single keywords of the schema must be valid. The errors
// are about its structure, or else its defaults, or else its CEL rules.
func (v *Version) structural(at *field.Path, props *apiextensions.JSONSchemaProps) (*structuralschema.Structural, field.ErrorList) {
	wrong := func(err error) field.ErrorList { return field.ErrorList{field.Invalid(at, "", err.Error())} }
	s, err := structuralschema.NewStructural(props)
	if err != nil {
		return nil, wrong(err)
	}
	if errs := structuralschema.ValidateStructural(at, s); len(errs) > 0 {
		if v.preserve {
			return nil, nil
		}
		return nil, errs
	}
	errs, err := checkDefaults(at, s, v.release)
	if err != nil {
		return nil, wrong(err)
	}
	if len(errs) > 0 {
		return nil, errs
	}
	if errs := checkExpressions(at, s, v.release); len(errs) > 0 {
		return nil, errs
	}
	// The server prunes defaults, which are shared with props.
	s = s.DeepCopy()
	if err := defaulting.PruneDefaults(s); err != nil {
		return nil, wrong(err)
	}
	return s, nil
}

// definitionProblems puts the server's errors about the definition into mop's words. A
// default that its own schema refuses is reported like any value.
func (v *Version) definitionProblems(errs field.ErrorList) []Problem {
	var all []Problem
	for _, err := range errs {
		p := problem(err, v.definition)
		refused := v.refusedDefault(p.Path)
		if refused == nil {
			refused = []Problem{p}
		}
		all = append(all, refused...)
	}
	return all
}

// refusedDefault returns what a schema refuses of its own default, nil if a path in the
// definition leads to no default or to one that the schema accepts.
func (v *Version) refusedDefault(path manifest.Path) []Problem {
	for i := len(v.at); i < len(path); i++ {
		if path[i] != "default" {
			continue
		}
		props, err := decodeSchema(lookup(v.definition, path[:i]))
		if err != nil {
			continue
		}
		// If a property is called default, the value around it is no schema.
		if s, err := openAPI(props, v.release); err == nil && props.Default != nil {
			if found := refusals(s, path[:i+1], *props.Default); found != nil {
				return found
			}
		}
	}
	return nil
}

// decodeSchema returns a schema in the server's internal type.
func decodeSchema(v any) (*apiextensions.JSONSchemaProps, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var external apiextensionsv1.JSONSchemaProps
	if err := utiljson.Unmarshal(b, &external); err != nil {
		return nil, err
	}
	var internal apiextensions.JSONSchemaProps
	err = apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(&external, &internal, nil)
	return &internal, err
}

// fieldPath returns a path in the type of the server's code.
func fieldPath(p manifest.Path) *field.Path {
	var at *field.Path
	for _, step := range p {
		switch step := step.(type) {
		case string:
			if at == nil {
				at = field.NewPath(step)
			} else {
				at = at.Child(step)
			}
		case int:
			at = at.Index(step)
		}
	}
	return at
}
