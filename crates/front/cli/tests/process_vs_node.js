// Calls of `process`, for `process_vs_node.rs`: one a line. A line before it says why one answers otherwise.
process.kill('abc')
process.kill(1.5)
process.kill(`${process.pid}`, 0)
process.kill(process.pid, 'SIGNONE')
process.kill(process.pid, 0)
process.kill(2147483647, 0)
process.kill(process.pid, 999)
// differs: no program signals every process at once
process.kill(-1, 0)
process.kill(-2147483647, 0)
process.kill(null, 0)
process.exitCode = 1.5
process.exitCode = true
process.exitCode = 'abc'
process.exitCode = '1.5'
process.exitCode = {}
process.exitCode = ''
process.exitCode = Infinity
process.exitCode = 1n
[process.exitCode = '3', process.exitCode, process.exitCode = undefined]
[process.exitCode = null, process.exitCode, process.exitCode = undefined]
process.exit('abc')
process.exit(true)
process.exit(1.5)
Object.keys(process.resourceUsage()).join()
Object.values(process.resourceUsage()).every(Number.isInteger)
Object.keys(process.memoryUsage()).join()
typeof process.memoryUsage.rss()
Object.keys(process.cpuUsage()).join()
process.cpuUsage(1)
process.cpuUsage({})
process.cpuUsage({ user: -1, system: 0 })
process.cpuUsage({ user: 1, system: 'a' })
typeof process.constrainedMemory()
typeof process.availableMemory()
process.availableMemory() > 1e6
process.constrainedMemory() >= 0
process.umask() === parseInt(/Umask:\s*(\d+)/.exec(require('fs').readFileSync('/proc/self/status', 'utf8'))[1], 8)
process.umask('abc')
process.umask('8')
process.umask(-1)
process.umask({})
process.umask(process.umask()) === process.umask()
process.getuid() === require('os').userInfo().uid
[process.getuid, process.geteuid, process.getgid, process.getegid].map(f => [f.name, f.length, typeof f()].join()).join(' ')
[Array.isArray(process.getgroups()), process.getgroups().every(Number.isInteger)].join()
[process.getuid() === process.geteuid(), process.getgid() === process.getegid()].join()
process.getgroups()
process.title = 'something', process.title
typeof process.title
process.emitWarning()
process.emitWarning(1)
process.emitWarning({})
process.emitWarning('a', 1)
process.emitWarning('a', 'T', 1)
process.emitWarning('a', { type: 1 })
process.emitWarning('a', { code: 1 })
process.emitWarning('a', { detail: 1 })
process.emitWarning('a', null)
process.emitWarning('a', [])
process.emitWarning('a', 'T', 'C', 1)
process.emitWarning('a', () => {})
process.getActiveResourcesInfo()
(() => { const t = setTimeout(() => {}, 1); const all = process.getActiveResourcesInfo(); clearTimeout(t); return all })()
(() => { const t = setTimeout(() => {}, 1).unref(); const all = process.getActiveResourcesInfo(); clearTimeout(t); return all })()
(() => { const t = setInterval(() => {}, 1), u = setTimeout(() => {}, 5); const all = process.getActiveResourcesInfo(); clearInterval(t); clearTimeout(u); return all })()
(() => { const t = setImmediate(() => {}); const all = process.getActiveResourcesInfo(); clearImmediate(t); return all })()
process.loadEnvFile('/nowhere/.env')
process.loadEnvFile(1)
process.loadEnvFile({})
process.loadEnvFile(null)
process.hrtime(1)
process.hrtime([1])
process.hrtime([1, 2, 3])
process.hrtime().length
typeof process.hrtime.bigint()
process.hrtime([0, 0]).length
typeof process.uptime()
process.nextTick(1)
process.chdir(1)
process.chdir('/nowhere')
process.chdir('/etc/passwd')
process.chdir('')
process.chdir()
process.cwd.length
process.setUncaughtExceptionCaptureCallback(1)
process.hasUncaughtExceptionCaptureCallback()
process.getBuiltinModule('fs') === require('fs')
process.getBuiltinModule('nope')
process.getBuiltinModule(1)
process.setSourceMapsEnabled('a')
process.setSourceMapsEnabled(true)
process.debugPort
process.binding('nope')
process.channel
process.connected
process.send
process.disconnect
process.permission
process.domain
// differs: no report is written
typeof process.report
typeof process.release.name
Object.prototype.toString.call(process)
// differs: the name of the command
process.argv0
process.stdin.fd
process.stdout.fd
typeof process.config.variables
// differs: there is no debugger
process.features.inspector
// differs: NODE_OPTIONS is not read
process.allowedNodeEnvironmentFlags.has('--no-warnings')
process.allowedNodeEnvironmentFlags.has('--nope')
// differs: likewise
process.allowedNodeEnvironmentFlags.has('--max-old-space-size')
process.version.startsWith('v')
typeof process.versions.node
process.env.NOPE
delete process.env.NOPE
process.env.X1 = 1, process.env.X1
process.env.X2 = undefined, process.env.X2
process.env.X3 = Symbol()
'PATH' in process.env
Object.getOwnPropertyDescriptor(process.env, 'PATH').writable
process.env.toString === Object.prototype.toString
process.execArgv
process.noDeprecation
process.throwDeprecation
process.traceDeprecation
process.on.length
process.listenerCount('SIGINT')
process.openStdin === undefined
// differs: a session has no user to change
process.initgroups.name
// differs: likewise
process.setuid.name
// differs: likewise
process.setgid({})
// differs: no native code is loaded
process.dlopen.name
// differs: require.main is there
process.mainModule === require.main
process._getActiveHandles().length >= 0
process._getActiveRequests().length
typeof process._rawDebug
process.reallyExit.name
process.abort.name
process.kill.length
process.emitWarning.length
// differs: Node's own parts are not loaded one by one
process.moduleLoadList.length > 10
process.stdout._type
process.stdout.writable
typeof process.stdout.getWindowSize
process.exit.length
process.cpuUsage.length
process.constrainedMemory.name
process.sourceMapsEnabled
process.finalization
process.ref
// differs: TypeScript is run
process.features.typescript
