package program

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// guardian is the connection of a guard to its process.
type guardian struct {
	// conn takes requests. It is nil if there is no process.
	conn *net.UnixConn
	self *child
}

// guardFD is the descriptor that the guard's process reads requests from.
const guardFD = 3

// A request is the length of its JSON, the JSON, and four descriptors: the program's
// standard ones, and one end of a socket for this program. Three answers come through the
// socket: when the program has started, when it has ended, and when none of its processes
// is left. The guard ends the program when the other end is closed.
type (
	request struct {
		Path      string
		Args, Env []string
		Dir       string
	}
	answer struct {
		// Error says why the program was not started, Status how it failed.
		Error, Status string
	}
)

func (g *Guard) start(c Command, files [3]*os.File) (*child, error) {
	if !g.begin() {
		return c.spawn(files)
	}
	ours, theirs, err := socketPair()
	if err != nil {
		return nil, err
	}
	err = g.request(c, files, theirs)
	theirs.Close()
	if err != nil {
		ours.Close()
		return nil, fmt.Errorf("guard: %w", err)
	}
	var started answer
	answers := json.NewDecoder(ours)
	if err := answers.Decode(&started); err != nil {
		ours.Close()
		return nil, fmt.Errorf("guard: %w", err)
	}
	if started.Error != "" {
		ours.Close()
		return nil, errors.New(started.Error)
	}
	ch := newChild()
	go func() {
		<-ch.stop
		_ = ours.CloseWrite()
	}()
	go func() {
		defer close(ch.gone)
		defer ours.Close()
		var ended answer
		err := answers.Decode(&ended)
		close(ch.exited)
		if err == nil {
			err = answers.Decode(&ended)
		}
		ch.status = ended.Status
		if err != nil {
			// The guard was killed, and the program with it.
			ch.status = "its guard is gone"
		}
	}()
	return ch, nil
}

// begin starts the process unless it has tried so before. It reports whether there is one.
func (g *Guard) begin() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.begun {
		return g.conn != nil
	}
	g.begun = true
	ours, theirs, err := socketPair()
	if err != nil {
		return false
	}
	defer theirs.Close()
	cmd := &exec.Cmd{Path: "/proc/self/exe", Args: g.command, Env: []string{}, ExtraFiles: []*os.File{theirs}}
	// The guard outlives this process.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if g.self, err = spawn(cmd); err != nil {
		ours.Close()
		return false
	}
	g.conn = ours
	return true
}

func (g *Guard) request(c Command, files [3]*os.File, socket *os.File) error {
	body, err := json.Marshal(request{c.Path, c.Args, c.Env, c.Dir})
	if err != nil {
		return err
	}
	var fds []int
	for _, f := range append(files[:], socket) {
		fds = append(fds, int(f.Fd()))
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.conn == nil {
		return net.ErrClosed
	}
	header := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	if _, _, err := g.conn.WriteMsgUnix(header, unix.UnixRights(fds...), nil); err != nil {
		return err
	}
	_, err = g.conn.Write(body)
	return err
}

// Close lets the guard's process end after its programs, and waits for it a short time.
// Later programs start without a guard.
func (g *Guard) Close() {
	g.mu.Lock()
	conn := g.conn
	g.conn, g.begun = nil, true
	g.mu.Unlock()
	if conn == nil {
		return
	}
	conn.Close()
	// The process ends by itself, after its programs.
	select {
	case <-g.self.exited:
		g.self.end()
		g.self.await()
	case <-time.After(Grace + patience):
	}
}

// socketPair returns the ends of a new socket.
func socketPair() (*net.UnixConn, *os.File, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	theirs := os.NewFile(uintptr(fds[1]), "socket")
	ours, err := connOf(os.NewFile(uintptr(fds[0]), "socket"))
	if err != nil {
		theirs.Close()
		return nil, nil, err
	}
	return ours, theirs, nil
}

// connOf returns the socket of f, and closes f.
func connOf(f *os.File) (*net.UnixConn, error) {
	defer f.Close()
	conn, err := net.FileConn(f)
	if err != nil {
		return nil, err
	}
	socket, ok := conn.(*net.UnixConn)
	if !ok {
		conn.Close()
		return nil, errors.New("want a socket")
	}
	return socket, nil
}
