# docker build -t openstack-emulator .
# docker run -p 8774:8774 -v cloud:/data openstack-emulator

FROM python:3.11-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY emulator emulator
COPY fixtures fixtures
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .
RUN python -m venv /opt/emulator \
    && /opt/emulator/bin/pip install --no-cache-dir /wheels/*.whl

FROM python:3.11-slim
LABEL org.opencontainers.image.title="openstack-emulator" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/emulator /opt/emulator
ENV PATH="/opt/emulator/bin:$PATH" \
    PYTHONUNBUFFERED=1
# A number, so that an orchestrator can see that it is not root.
RUN useradd --system --uid 10001 --no-create-home emulator \
    && mkdir /data \
    && chown 10001:10001 /data
USER 10001:10001
WORKDIR /data
# After the chown: a new volume takes its owner from here.
VOLUME /data
EXPOSE 8774
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8774/health', timeout=2)"]
ENTRYPOINT ["openstack-emulator"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8774", "--db", "/data/cloud.sqlite"]
