"""Connections to an ingress in place of the host that an address names (`curl --connect-to`)."""

import httpx

from functions.kit.adapters.calls.function_addresses import FunctionAddresses, Ingress


def transport(addresses: FunctionAddresses) -> httpx.BaseTransport | None:
    """Return the network that leads to these addresses; None for HTTPX's own."""
    if addresses.ingress is None:
        return None
    return IngressTransport(addresses.ingress, httpx.HTTPTransport(verify=addresses.is_secure))


def async_transport(addresses: FunctionAddresses) -> httpx.AsyncBaseTransport | None:
    """Return the same for an asynchronous client."""
    if addresses.ingress is None:
        return None
    network = httpx.AsyncHTTPTransport(verify=addresses.is_secure)
    return AsyncIngressTransport(addresses.ingress, network)


def redirected(request: httpx.Request, ingress: Ingress) -> httpx.Request:
    """Return a request that is sent to an ingress; what it says stays its own."""
    host, port = ingress
    return httpx.Request(
        request.method,
        request.url.copy_with(host=host, port=port),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.host},
    )


class AsyncIngressTransport(httpx.AsyncBaseTransport):
    """As IngressTransport, for an asynchronous client."""

    def __init__(self, ingress: Ingress, network: httpx.AsyncBaseTransport) -> None:
        self._ingress = ingress
        self._network = network

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request."""
        return await self._network.handle_async_request(redirected(request, self._ingress))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._network.aclose()


class IngressTransport(httpx.BaseTransport):
    """Sends every request to one place; Host header and certificate stay the address's own.

    Args:
        ingress: the place.
        network: what connects.
    """

    def __init__(self, ingress: Ingress, network: httpx.BaseTransport) -> None:
        self._ingress = ingress
        self._network = network

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request."""
        return self._network.handle_request(redirected(request, self._ingress))

    def close(self) -> None:
        """Close the connections."""
        self._network.close()
