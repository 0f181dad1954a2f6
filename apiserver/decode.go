package apiserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kjson "sigs.k8s.io/json"
)

// The types of causes for which the API has no type. They are about manifests that cannot
// be decoded.
const (
	CauseFieldUnknown   metav1.CauseType = "FieldUnknown"
	CauseFieldDuplicate metav1.CauseType = "FieldDuplicate"
)

// decodeError returns the server's answer to a manifest that cannot be decoded, and adds
// causes. The server has them only in the message.
func (e endpoint) decodeError(err error, into runtime.Object, gvk *schema.GroupVersionKind) error {
	kinds, _, typeErr := e.typer.ObjectKinds(into)
	if typeErr != nil {
		return typeErr
	}
	text := fmt.Sprintf("the object provided is unrecognized (must be of type %s): %v", kinds[0].Kind, err)
	if gvk != nil && gvk.Kind != "" {
		text = fmt.Sprintf("%s in version %q cannot be handled as a %s: %v", gvk.Kind, gvk.Version, kinds[0].Kind, err)
	}
	status := apierrors.NewBadRequest(text)
	if causes := decodeCauses(err); len(causes) > 0 {
		status.ErrStatus.Details = &metav1.StatusDetails{Causes: causes}
	}
	return status
}

// decodeCauses returns the causes in a decoder's error that are about fields.
func decodeCauses(err error) []metav1.StatusCause {
	var mistyped *json.UnmarshalTypeError
	if errors.As(err, &mistyped) {
		return []metav1.StatusCause{{Type: metav1.CauseTypeTypeInvalid, Field: mistyped.Field, Message: mistyped.Error()}}
	}
	strict, ok := runtime.AsStrictDecodingError(err)
	if !ok {
		return nil
	}
	var causes []metav1.StatusCause
	for _, err := range strict.Errors() {
		cause := metav1.StatusCause{Type: CauseFieldUnknown, Message: err.Error()}
		if strings.HasPrefix(cause.Message, "duplicate ") {
			cause.Type = CauseFieldDuplicate
		}
		var field kjson.FieldError
		if errors.As(err, &field) {
			cause.Field = field.FieldPath()
		}
		causes = append(causes, cause)
	}
	return causes
}
