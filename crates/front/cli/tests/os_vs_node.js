// Calls of `os`, for `library_vs_node.rs`: one a line. A line before it says why one answers otherwise.
Object.keys(os).sort().join()
Object.entries(os).map(([name, value]) => `${name}:${typeof value}`).sort().join()
// differs: there are no priorities here, and functions have the names that they are called by
Object.entries(os).filter(([, value]) => typeof value === 'function').map(([name, f]) => `${name}/${f.length}`).sort().join()
// differs: there are no priorities here, and functions have the names that they are called by
Object.entries(os).filter(([, value]) => typeof value === 'function').map(([name, f]) => f.name).sort().join()
Object.getOwnPropertyDescriptor(os, 'constants')
Object.getOwnPropertyDescriptor(os, 'EOL')
Object.getOwnPropertyDescriptor(os, 'devNull')
os.EOL
os.devNull
os.arch() === process.arch
os.platform() === process.platform
os.type()
os.machine()
os.endianness()
`${os.arch} ${os.platform} ${os.endianness} ${os.tmpdir}`
`${os.hostname} ${os.release} ${os.type} ${os.version} ${os.machine} ${os.homedir}`
+os.uptime > 0
+os.freemem > 0
+os.totalmem > 0
+os.availableParallelism > 0
os.hostname()
os.release()
os.version()
os.homedir()
os.tmpdir()
[process.env.TMPDIR = '/a/b/', os.tmpdir(), delete process.env.TMPDIR]
[process.env.TMPDIR = '/', os.tmpdir(), delete process.env.TMPDIR]
[process.env.TMPDIR = '', process.env.TMP = '/c', os.tmpdir(), delete process.env.TMP, delete process.env.TMPDIR]
[process.env.TEMP = '/d//', os.tmpdir(), delete process.env.TEMP]
[process.env.HOME = '/somewhere', os.homedir()]
[delete process.env.HOME, os.homedir() === os.userInfo().homedir]
[Math.abs(os.uptime() - Number(fs.readFileSync('/proc/uptime', 'utf8').split(' ')[0])) < 5, typeof os.uptime()]
os.loadavg().length
os.loadavg().every((load) => typeof load === 'number' && load >= 0)
os.totalmem()
[os.freemem() > 0, os.freemem() < os.totalmem(), Number.isInteger(os.freemem())]
os.cpus().length
os.cpus().map((cpu) => cpu.model)
Object.keys(os.cpus()[0])
Object.keys(os.cpus()[0].times)
os.cpus().every((cpu) => Number.isInteger(cpu.speed) && Object.values(cpu.times).every(Number.isInteger))
// differs: the times are not told
os.cpus().every((cpu) => cpu.times.user + cpu.times.sys + cpu.times.idle > 0)
os.availableParallelism()
os.userInfo()
os.userInfo({})
os.userInfo({ encoding: 'utf8' })
os.userInfo({ encoding: 'buffer' })
os.userInfo({ encoding: 'none' })
os.userInfo({ encoding: 'hex' })
os.userInfo(null)
os.userInfo(5)
Object.getPrototypeOf(os.userInfo())
// differs: there are no priorities here
os.getPriority()
// differs: there are no priorities here
os.getPriority(0)
// differs: there are no priorities here
os.getPriority(process.pid)
// differs: there are no priorities here
os.getPriority(2147483647)
// differs: there are no priorities here
os.getPriority('1')
// differs: there are no priorities here
os.getPriority(1.5)
// differs: there are no priorities here
os.getPriority(-1)
// differs: there are no priorities here
os.getPriority(2147483648)
// differs: there are no priorities here
os.setPriority(0)
// differs: there are no priorities here
os.setPriority(process.pid, 0)
// differs: there are no priorities here
os.setPriority(os.getPriority())
// differs: there are no priorities here
os.setPriority('1', 0)
// differs: there are no priorities here
os.setPriority(1.5, 0)
// differs: there are no priorities here
os.setPriority(0, 20)
// differs: there are no priorities here
os.setPriority(0, -21)
// differs: there are no priorities here
os.setPriority(0, '1')
// differs: there are no priorities here
os.setPriority(0, 1.5)
// differs: there are no priorities here
os.setPriority()
// differs: there are no priorities here
os.setPriority(2147483647, 0)
// differs: no interface of the network is told
os.networkInterfaces().lo?.map((it) => `${it.address} ${it.netmask} ${it.family} ${it.mac} ${it.internal} ${it.cidr}`)
// differs: no interface of the network is told
Object.keys(os.networkInterfaces()).sort()
Object.keys(os.constants)
Object.getPrototypeOf(os.constants)
// differs: the library reads them itself
Object.isFrozen(os.constants)
Object.entries(os.constants.signals).sort().join()
Object.entries(os.constants.errno).sort().join()
Object.entries(os.constants.priority).sort().join()
Object.entries(os.constants.dlopen).sort().join()
os.constants.UV_UDP_REUSEADDR
// differs: the library reads them itself
Object.isFrozen(os.constants.signals)
// differs: the library reads them itself
Object.isFrozen(os.constants.errno)
Object.keys(os.constants.signals).join()
((signals) => { 'use strict'; signals.SIGINT = 5; })(os.constants.signals)
os.EOL = 'x', os.EOL
