package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/mop-platform/mop/internal/budget"
)

// token is the token of a user who may do everything.
const token = "admin"

// patience is the time that a server may take to be ready.
const patience = 2 * time.Minute

// A server is a kube-apiserver and its etcd.
type server struct {
	url     string
	client  *http.Client
	dir     string
	running []*exec.Cmd
}

// admission are the plugins that are switched off: they need other objects, and each
// manifest is alone.
const admission = "ServiceAccount,RuntimeClass,Priority,PersistentVolumeClaimResize,StorageObjectInUseProtection"

// start starts a server with a new directory, on free ports of the loopback interface.
func start(ctx context.Context, p programs) (_ *server, err error) {
	dir, err := os.MkdirTemp(p.dir, "run-")
	if err != nil {
		return nil, err
	}
	ports, err := freePorts(3)
	if err != nil {
		return nil, err
	}
	s := &server{
		url: "https://127.0.0.1:" + ports[2], dir: dir,
		client: &http.Client{Transport: &http.Transport{
			TLSClientConfig:     &tls.Config{InsecureSkipVerify: true},
			MaxIdleConnsPerHost: askers,
		}},
	}
	defer func() {
		if err != nil {
			s.stop()
		}
	}()
	file := func(name string) string { return filepath.Join(dir, name) }
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	for name, text := range map[string][]byte{
		"key":    pem.EncodeToMemory(block),
		"tokens": []byte(token + ",admin,admin,system:masters"),
	} {
		if err := os.WriteFile(file(name), text, 0o600); err != nil {
			return nil, err
		}
	}
	etcd, peer := "http://127.0.0.1:"+ports[0], "http://127.0.0.1:"+ports[1]
	if err := s.run(ctx, p.etcd, "--data-dir="+file("etcd"), "--unsafe-no-fsync",
		"--listen-client-urls="+etcd, "--advertise-client-urls="+etcd,
		"--listen-peer-urls="+peer, "--initial-advertise-peer-urls="+peer, "--initial-cluster=default="+peer); err != nil {
		return nil, err
	}
	if err := s.run(ctx, p.apiserver, "--etcd-servers="+etcd, "--cert-dir="+file("certificates"),
		"--bind-address=127.0.0.1", "--secure-port="+ports[2],
		"--advertise-address=192.0.2.1", "--endpoint-reconciler-type=none",
		"--service-cluster-ip-range=10.0.0.0/16,fd00::/108",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-signing-key-file="+file("key"), "--service-account-key-file="+file("key"),
		"--token-auth-file="+file("tokens"), "--authorization-mode=RBAC",
		"--allow-privileged", "--disable-admission-plugins="+admission); err != nil {
		return nil, err
	}
	return s, s.waitReady(ctx)
}

func freePorts(n int) ([]string, error) {
	var ports []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		_, port, err := net.SplitHostPort(l.Addr().String())
		if err != nil {
			return nil, err
		}
		ports = append(ports, port)
	}
	return ports, nil
}

// run starts a program that writes its log beside its data.
func (s *server) run(ctx context.Context, program string, args ...string) error {
	log, err := os.Create(filepath.Join(s.dir, filepath.Base(program)+".log"))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		return err
	}
	s.running = append(s.running, cmd)
	return nil
}

// stop kills the server and removes its files, including its logs.
func (s *server) stop() {
	for i := len(s.running) - 1; i >= 0; i-- {
		_ = s.running[i].Process.Kill()
		_ = s.running[i].Wait()
	}
	_ = os.RemoveAll(s.dir)
}

// waitReady asks the server whether it is ready until it is.
func (s *server) waitReady(ctx context.Context) error {
	var last error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline) && budget.Of(ctx).Err() == nil; {
		if last = s.alive(ctx); last == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(s.dir, "kube-apiserver.log"))
	return fmt.Errorf("kube-apiserver is not ready in %s: %w\n%s", patience, last, log[max(0, len(log)-4096):])
}

// alive returns an error unless the server is ready.
func (s *server) alive(ctx context.Context) error {
	_, err := s.request(ctx, http.MethodGet, "/readyz", nil)
	return err
}

// A refusal is the server's answer to a request that it refuses.
type refusal struct {
	status int
	body   []byte
}

func (r refusal) Error() string { return fmt.Sprintf("status %d: %s", r.status, r.body) }

// request sends a request of the user who may do everything, and returns the
// answer's body.
func (s *server) request(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, s.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	if method == http.MethodPatch {
		r.Header.Set("Content-Type", "application/merge-patch+json")
	}
	answer, err := s.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode/100 != 2 {
		err = refusal{answer.StatusCode, []byte(strings.TrimSpace(string(text)))}
	}
	return text, err
}

// refused returns the server's refusal, if err is one.
func refused(err error) (refusal, bool) {
	var r refusal
	return r, errors.As(err, &r)
}
