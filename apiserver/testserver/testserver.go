// Package testserver runs a real API server in the process of a test: kube-apiserver with
// all its filters, admission plugins and RBAC, and its etcd. There is no other part of a
// cluster: no controllers, no scheduler, no nodes.
package testserver

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	goflag "flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"
	"go.etcd.io/etcd/server/v3/embed"
	"go.uber.org/zap"
	"k8s.io/apiserver/pkg/authentication/user"
	restclient "k8s.io/client-go/rest"
	"k8s.io/client-go/util/keyutil"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"
)

// patience is the time that etcd and the server may each take to be ready, and the server
// to end.
const patience = time.Minute

// admin is the token of a user that may do everything.
const admin = "admin"

// A Run runs the kube-apiserver of a release until the context is done.
type Run func(context.Context, *options.ServerRunOptions) error

// Start starts a new server and returns a client's configuration for a user that may do
// everything. The server has only the objects that kube-apiserver itself creates when it
// starts. It listens on a free port of the loopback interface and ends with the test. The
// flags are flags of kube-apiserver, besides those with which Start makes it reachable.
// Without flags it has its defaults.
func Start(t *testing.T, run Run, flags ...string) *restclient.Config {
	t.Helper()
	dir := t.TempDir()
	logTo(t, filepath.Join(dir, "log"))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := options.NewServerRunOptions()
	s.SecureServing.Listener = listener
	s.SecureServing.BindPort = listener.Addr().(*net.TCPAddr).Port
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tokens"), []byte(admin+",admin,admin,"+user.SystemPrivilegedGroup+"\n"), 0o600))
	writeKey(t, filepath.Join(dir, "key"))
	parse(t, s, append([]string{
		"--etcd-servers=" + startEtcd(t, filepath.Join(dir, "etcd")),
		"--cert-dir=" + filepath.Join(dir, "certificates"),
		"--bind-address=127.0.0.1",
		// The server must advertise an address, though nobody uses it: this one is for
		// documentation. It needs no endpoint of its Service.
		"--advertise-address=192.0.2.1",
		"--endpoint-reconciler-type=none",
		"--service-cluster-ip-range=10.0.0.0/16",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-signing-key-file=" + filepath.Join(dir, "key"),
		"--service-account-key-file=" + filepath.Join(dir, "key"),
		"--token-auth-file=" + filepath.Join(dir, "tokens"),
		"--authorization-mode=RBAC",
	}, flags...))

	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, s) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-ended:
			require.NoError(t, err, "kube-apiserver")
		case <-time.After(patience):
			t.Errorf("kube-apiserver does not end in %s", patience)
		}
	})
	config := &restclient.Config{
		Host:            "https://" + listener.Addr().String(),
		BearerToken:     admin,
		TLSClientConfig: restclient.TLSClientConfig{Insecure: true},
		// Only the test uses the server, so there is no limit of requests.
		QPS: -1,
	}
	waitReady(t, config, ended)
	return config
}

// logTo writes the logs of kube-apiserver to a file. If the test fails, it writes the end
// of the file to the test's log.
func logTo(t *testing.T, file string) {
	t.Helper()
	log, err := os.Create(file)
	require.NoError(t, err)
	flags := goflag.NewFlagSet("klog", goflag.ContinueOnError)
	klog.InitFlags(flags)
	require.NoError(t, flags.Parse([]string{"-logtostderr=false", "-stderrthreshold=FATAL"}))
	klog.SetOutput(log)
	t.Cleanup(func() {
		klog.Flush()
		klog.SetOutput(io.Discard)
		log.Close()
		if data, err := os.ReadFile(file); err == nil && t.Failed() {
			t.Logf("kube-apiserver's last words:\n%s", data[max(0, len(data)-4096):])
		}
	})
}

// writeKey writes a key that signs the tokens of service accounts.
func writeKey(t *testing.T, file string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	data, err := keyutil.MarshalPrivateKeyToPEM(key)
	require.NoError(t, err)
	require.NoError(t, keyutil.WriteKey(file, data))
}

func parse(t *testing.T, s *options.ServerRunOptions, flags []string) {
	t.Helper()
	set := pflag.NewFlagSet("kube-apiserver", pflag.ContinueOnError)
	named := s.Flags()
	for _, f := range named.FlagSets {
		set.AddFlagSet(f)
	}
	require.NoError(t, set.Parse(flags))
}

// startEtcd starts a new etcd and returns its address.
func startEtcd(t *testing.T, dir string) string {
	t.Helper()
	config := embed.NewConfig()
	config.Dir = dir
	// Its data need not survive the test.
	config.UnsafeNoFsync = true
	config.EnableGRPCGateway = false
	config.ZapLoggerBuilder = embed.NewZapLoggerBuilder(zap.NewNop())
	address := url.URL{Scheme: "http", Host: "127.0.0.1:0"}
	config.ListenClientUrls, config.AdvertiseClientUrls = []url.URL{address}, []url.URL{address}
	config.ListenPeerUrls, config.AdvertisePeerUrls = []url.URL{address}, []url.URL{address}
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	etcd, err := embed.StartEtcd(config)
	require.NoError(t, err, "etcd")
	t.Cleanup(etcd.Close)
	select {
	case <-etcd.Server.ReadyNotify():
	case err := <-etcd.Err():
		require.NoError(t, err, "etcd")
	case <-time.After(patience):
		require.FailNow(t, "etcd is not ready in "+patience.String())
	}
	return "http://" + etcd.Clients[0].Addr().String()
}

// waitReady asks the server whether it is ready until it is.
func waitReady(t *testing.T, config *restclient.Config, ended <-chan error) {
	t.Helper()
	client, err := restclient.HTTPClientFor(config)
	require.NoError(t, err)
	last := "no answer"
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if answer, err := client.Get(config.Host + "/readyz"); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
			last = answer.Status
		}
		select {
		case err := <-ended:
			require.FailNow(t, fmt.Sprintf("kube-apiserver ended: %v", err))
		case <-time.After(50 * time.Millisecond):
		}
	}
	require.FailNow(t, fmt.Sprintf("kube-apiserver is not ready in %s: %s", patience, last))
}
