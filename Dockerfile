# The server and its command line. compose.yaml shows what belongs around it.

FROM python:3.13-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY requirements.lock deploy/build.lock ./
RUN pip install --require-hashes --only-binary=:all: -r build.lock \
    && python -m venv --without-pip /opt/ticketing \
    && pip --python /opt/ticketing/bin/python install \
        --require-hashes --only-binary=:all: -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && pip --python /opt/ticketing/bin/python install --no-deps dist/*.whl

FROM python:3.13-slim-trixie
# A number, so that Kubernetes can tell that it is not root's.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /var/lib/ticketing \
        --shell /usr/sbin/nologin ticketing \
    && install --directory --owner ticketing --group ticketing /var/lib/ticketing
COPY --from=build /opt/ticketing /opt/ticketing
COPY deploy/healthcheck.py /opt/ticketing/healthcheck.py
ENV PATH=/opt/ticketing/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TICKETING_ENV=production
USER 10001:10001
WORKDIR /var/lib/ticketing
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "/opt/ticketing/healthcheck.py", "http://127.0.0.1:8000/healthz"]
ENTRYPOINT ["ticketing"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
