// Package command is the program that the module of each release builds. It reads manifests
// as JSON lines and writes kube-apiserver's verdict on each, in the same order and each as
// soon as it is known.
//
// The first line of output identifies the program. With the flag -version it is the only
// line:
//
//	{"kubernetes":"1.29.15","protocol":1}
//
// A line of input has the fields id, of any JSON type, and object, the manifest; others are
// ignored. A line of output is a [Verdict] with the same id. The program ends at the end of
// its input.
//
// The protocol's number changes when programs that read these lines must change.
package command

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/klog/v2"

	"github.com/mop-platform/mop/apiserver"
)

// Protocol is the number of the protocol that Serve speaks.
const Protocol = 1

// Hello is the first line of output.
type Hello struct {
	// Kubernetes is the release whose code gives the verdicts, such as 1.29.15.
	Kubernetes string `json:"kubernetes"`
	Protocol   int    `json:"protocol"`
}

// Question is a line of input.
type Question struct {
	ID     json.RawMessage `json:"id"`
	Object json.RawMessage `json:"object"`
}

// Verdict is a line of output.
type Verdict struct {
	ID json.RawMessage `json:"id"`
	// Valid says that the server would create the object.
	Valid bool `json:"valid"`
	// Message is the server's message if it would refuse the object. For a kind that the
	// server does not serve by itself it is UnknownKind.
	Message string `json:"message"`
	// Causes are the parts of the message, each about a field. There are none if the
	// message does not have such parts.
	Causes []Cause `json:"causes,omitempty"`
}

// UnknownKind is the message about a kind that the server does not serve.
const UnknownKind = "unknown-kind"

// Cause is a fault of a field.
type Cause struct {
	// Path is the path of the field in the server's spelling, such as
	// spec.containers[0].image or metadata.labels[a.b/c]. For a value that cannot be
	// decoded it lacks the indexes.
	Path string `json:"path"`
	// Type is a cause type of the API, such as FieldValueInvalid, or one of package
	// apiserver.
	Type    string `json:"type"`
	Message string `json:"message"`
}

// Main runs the program for a release. On an error it exits with status 2.
func Main(release apiserver.Release) {
	var options apiserver.Options
	flag.BoolVar(&options.AllowPrivileged, "allow-privileged", false, "admit privileged containers")
	version := flag.Bool("version", false, "print the release of Kubernetes and the protocol's number, and exit")
	flag.Parse()
	klog.SetLogger(klog.Logger{})

	serve := Serve
	if *version {
		serve = func(_ apiserver.Release, _ apiserver.Options, _ io.Reader, out io.Writer) error {
			return json.NewEncoder(out).Encode(hello())
		}
	}
	if err := serve(release, options, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "mop-apiserver: %v\n", err)
		os.Exit(2)
	}
}

// Serve writes the verdicts on the questions in in to out until in ends. The error is about
// the release, a line that is no question, in or out.
func Serve(release apiserver.Release, options apiserver.Options, in io.Reader, out io.Writer) error {
	server, err := apiserver.New(release, options)
	if err != nil {
		return err
	}
	answers := json.NewEncoder(out)
	answers.SetEscapeHTML(false)
	if err := answers.Encode(hello()); err != nil {
		return fmt.Errorf("standard output: %w", err)
	}
	questions := json.NewDecoder(bufio.NewReader(in))
	for {
		var q Question
		if err := questions.Decode(&q); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("standard input: %w", err)
		}
		if err := answers.Encode(judge(server, q)); err != nil {
			return fmt.Errorf("standard output: %w", err)
		}
	}
}

// hello finds the release in the version of the module with which the program is built.
func hello() Hello {
	h := Hello{Protocol: Protocol}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == "k8s.io/kubernetes" {
				h.Kubernetes = strings.TrimPrefix(module.Version, "v")
			}
		}
	}
	return h
}

func judge(server *apiserver.Server, q Question) Verdict {
	v := Verdict{ID: q.ID}
	err := server.Create(q.Object)
	switch {
	case err == nil:
		v.Valid = true
	case errors.Is(err, apiserver.ErrUnknownKind):
		v.Message = UnknownKind
	default:
		v.Message, v.Causes = err.Error(), causes(err)
	}
	return v
}

func causes(err error) []Cause {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Details == nil {
		return nil
	}
	var all []Cause
	for _, c := range status.Status().Details.Causes {
		all = append(all, Cause{Path: c.Field, Type: string(c.Type), Message: c.Message})
	}
	return all
}
