"""A tunnel between plain connections and TLS, for programs without it: LISTEN MODE PORT CERTIFICATE KEY AUTHORITY.

MODE is `to` (plain connections to LISTEN go on by TLS to PORT) or `from` (connections by TLS to LISTEN go on plainly to PORT). The
certificate is shown to the other side, which has to show one of the authority. Runs until its standard input ends.
"""
import asyncio
import ssl
import sys


async def pass_on(reader, writer):
    try:
        while some := await reader.read(1 << 16):
            writer.write(some)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def main():
    listen, mode, port, certificate, key, authority = sys.argv[1:]
    purpose = {"to": ssl.Purpose.SERVER_AUTH, "from": ssl.Purpose.CLIENT_AUTH}[mode]
    context = ssl.create_default_context(purpose, cafile=authority)
    context.load_cert_chain(certificate, key)
    context.verify_mode = ssl.CERT_REQUIRED

    async def accept(reader, writer):
        far = {"ssl": context} if mode == "to" else {}
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", int(port), **far)
        except OSError:
            writer.close()
            return
        await asyncio.gather(pass_on(reader, far_writer), pass_on(far_reader, writer))

    near = {"ssl": context} if mode == "from" else {}
    async with await asyncio.start_server(accept, "127.0.0.1", int(listen), **near):
        await asyncio.to_thread(sys.stdin.read)


asyncio.run(main())
