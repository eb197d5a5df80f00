"""The language server as a client of another make sees it: over pipes, with cancellation and exit codes."""

import asyncio
import os

import pytest
import pytest_lsp
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

SERVER = os.environ["VODFLOW"]
URI = "file:///videos/publish.vod"


@pytest_lsp.fixture(config=ClientServerConfig(server_command=[SERVER, "lsp", "--stdio"]))
async def client(lsp_client: LanguageClient):
    await lsp_client.initialize_session(
        types.InitializeParams(capabilities=client_capabilities("neovim"), root_uri="file:///videos")
    )
    yield
    await lsp_client.shutdown_session()


def open_text(client: LanguageClient, text: str, version: int = 1) -> None:
    document = types.TextDocumentItem(uri=URI, language_id="vod", version=version, text=text)
    client.text_document_did_open(types.DidOpenTextDocumentParams(text_document=document))


def at(line: int, character: int) -> dict:
    return {
        "text_document": types.TextDocumentIdentifier(uri=URI),
        "position": types.Position(line=line, character=character),
    }


@pytest.mark.asyncio
async def test_diagnostics(client: LanguageClient):
    open_text(client, "procedure p { transcode nothing }")
    await client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    assert [found.code for found in client.diagnostics[URI]] == ["E0203"]


@pytest.mark.asyncio
async def test_hover_and_completion(client: LanguageClient):
    open_text(client, "QCVB_SimpleProcessFile({10,220}, 0, 10, 10)")
    hover = await client.text_document_hover_async(types.HoverParams(**at(0, 37)))
    assert "cover_definition" in hover.contents.value
    items = await client.text_document_completion_async(types.CompletionParams(**at(0, 24)))
    assert "220" in [item.label for item in items]
    actions = await client.text_document_document_symbol_async(
        types.DocumentSymbolParams(text_document=types.TextDocumentIdentifier(uri=URI))
    )
    assert [one.name for one in actions] == ["QCVB_SimpleProcessFile"]


@pytest.mark.asyncio
async def test_cancellation(client: LanguageClient):
    # While the server reads a long text, the request and its cancellation wait side by side.
    lines = "".join(f"template transcode t{at} {{ extends: 10 }}\n" for at in range(3000))
    open_text(client, lines)
    first = client.protocol.send_request(types.TEXT_DOCUMENT_HOVER, types.HoverParams(**at(0, 21)))
    request = client.protocol.send_request(
        types.TEXT_DOCUMENT_HOVER, types.HoverParams(**at(0, 21)), msg_id="to be cancelled"
    )
    client.cancel_request(types.CancelParams(id="to be cancelled"))
    with pytest.raises(JsonRpcException) as cancelled:
        await asyncio.wait_for(asyncio.wrap_future(request), 60)
    assert cancelled.value.code == types.LSPErrorCodes.RequestCancelled
    assert (await asyncio.wait_for(asyncio.wrap_future(first), 60)) is not None


@pytest.mark.asyncio
async def test_unknown_request(client: LanguageClient):
    with pytest.raises(JsonRpcException) as unknown:
        await client.protocol.send_request_async("textDocument/moniker", types.MonikerParams(**at(0, 0)))
    assert unknown.value.code == -32601


@pytest.mark.asyncio
async def test_exit_codes():
    async def ended(*messages: str) -> int:
        server = await asyncio.create_subprocess_exec(
            SERVER, "lsp", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        text = "".join(f"Content-Length: {len(message)}\r\n\r\n{message}" for message in messages)
        await asyncio.wait_for(server.communicate(text.encode()), 60)
        return server.returncode

    initialize = '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}'
    shutdown = '{"jsonrpc":"2.0","id":2,"method":"shutdown"}'
    leave = '{"jsonrpc":"2.0","method":"exit"}'
    assert await ended(initialize, shutdown, leave) == 0
    assert await ended(initialize, leave) == 1
    assert await ended(initialize) == 1
